"""Hypothesis strategies for the structs of the wire, made from their types."""

from typing import Any, get_args

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from pychat.protocol import commands, events, replies
from pychat.protocol.codec import ServerMessage, encode

characters = st.characters(exclude_categories=["Cs"])


def _of(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.StrType(min_length=least, max_length=most):
            return st.text(characters, min_size=least or 0, max_size=min(most or 20, 20))
        case inspect.BoolType():
            return st.booleans()
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.NoneType():
            return st.none()
        case inspect.ListType(item_type=item):
            return st.lists(_of(item), max_size=3)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_of(key), _of(value), max_size=3)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_of, types))
        case inspect.StructType(cls=struct):
            return structs(struct)
        case inspect.RawType():
            return logged_events.map(encode).map(msgspec.Raw)
        case _:
            raise AssertionError(f"the wire has no {kind}")


def structs(struct: type[Any]) -> st.SearchStrategy[Any]:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)
    return st.builds(struct, **{field.name: _of(field.type) for field in described.fields})


def union(types: Any) -> st.SearchStrategy[Any]:
    return st.one_of(*map(structs, get_args(types)))


logged_events = union(events.LoggedEvent)
client_messages = union(commands.ClientMessage)
server_messages = union(ServerMessage)
messages = structs(replies.Message)
