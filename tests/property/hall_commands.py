"""What people may say in a Hall: few names and rooms, so that they get in each other's way."""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

from pychat.protocol import commands

T = TypeVar("T")
NAMES = ["ann", "ANN", "bob", "b\u043eb", "cyd", "new", "new-2", "Ill", "lll", "-bad"]
ROOMS = ["lobby", "Lobby", "den", "d\u0435n", "street"]
DIRECT = ["@ann", "@BOB", "@cyd", "@new", "@user-0", "@user-1", "@user-2"]
DIRECT += ["@user-0,user-1", "@User-0,user-2", "@user-0,user-1-2", "@ann,bob", "@new,new-2"]

a_room = st.sampled_from(ROOMS + DIRECT)
some_emojis = st.lists(st.sampled_from("ab"), max_size=2)
a_name = st.sampled_from(NAMES)
a_nonce = st.sampled_from(["n1", "n2", "n3", "n4"])
a_target = st.integers(0, 6)
a_number = st.integers(0, 99)
a_key = st.sampled_from(["", "", "key-1", "key-2"])
"""That was proved with a `hello`, if any."""
a_fresh_nonce = st.integers(0, 10**6).map(str)


def build(
    kind: type[commands.Command], **fields: st.SearchStrategy[object]
) -> st.SearchStrategy[commands.Command]:
    """A command for a room."""
    return st.builds(kind, id=st.just(0), room=a_room, **fields)


a_saying = st.one_of(
    build(commands.Send, text=st.sampled_from("xyz"), nonce=a_nonce, reply_to=st.none() | a_target),
    build(commands.Send, text=st.just("x"), nonce=a_fresh_nonce),
    build(commands.Edit, target=a_target, text=st.sampled_from(["x", "y", ""]), nonce=a_nonce),
    build(commands.Delete, target=a_target, nonce=a_nonce),
    build(commands.React, target=a_target, emojis=some_emojis, nonce=a_nonce),
    build(commands.Topic, text=st.just("t"), nonce=a_nonce),
    build(commands.Typing),
)
a_word = st.one_of(
    build(commands.Join),
    build(commands.Leave),
    build(commands.Send, text=st.just("x"), nonce=a_fresh_nonce),
    st.one_of(a_saying),
)
a_command = st.one_of(
    build(commands.Join),
    build(commands.Join, after=a_target),
    build(commands.Join, limit=st.integers(0, 3)),
    build(commands.Leave),
    a_saying,
    build(commands.History),
    build(commands.Members),
    build(commands.Read, seq=a_target),
    st.builds(commands.Whois, id=st.just(0), name=a_name),
    st.builds(commands.Search, id=st.just(0), text=st.just("x")),
    st.builds(commands.Name, id=st.just(0), name=a_name),
    st.builds(commands.Away, id=st.just(0), away=st.booleans()),
    st.builds(commands.List, id=st.just(0)),
    st.builds(commands.Ping, id=st.just(0)),
    st.builds(commands.Hello, id=st.just(0), protocol=st.just([1]), client=st.just("again")),
)


def pick(choices: Sequence[T], which: int) -> T:
    return choices[which % len(choices)]
