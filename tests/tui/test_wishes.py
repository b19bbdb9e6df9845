"""Every slash command for finding one's way, and what a mistake in one does."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest

from pychat.client import Client
from pychat.tui.screens.pick import PickScreen
from pychat.tui.screens.switch import SwitchScreen
from tests.support.hall import RunningHall
from tests.support.person import seated


async def test_switch_goes_to_the_room_that_is_most_like_it(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("general")
        await person.join("dev")
        await person.enter("/switch gen")
        await person.until(lambda: person.hall.here == "general")
        await person.enter("/b xyz")
        await person.sees("none of your rooms is like 'xyz'; /list shows all")
        assert person.hall.composer.text == "/b xyz"
        await person.press("ctrl+u")
        await person.enter("/switch")

        await person.until(lambda: isinstance(person.screen, SwitchScreen))


async def test_whois_tells_who_somebody_is(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.set_away(True)
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/whois ada")

        await person.sees("ada", "here since 20", "away, quiet for ")


async def test_away_and_back_are_seen_by_others(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/away")
        await person.sees("You are shown as away; /back ends it.")
        await person.until(lambda: ada.mirror.rooms["dev"].members["kim"].away)
        await person.enter("/back")
        await person.sees("You are back.")

        await person.until(lambda: not ada.mirror.rooms["dev"].members["kim"].away)


async def test_who_is_ignored_is_one_dim_line_and_counts_for_nothing(
    hall: RunningHall, ada: Client
) -> None:
    await ada.join("dev")
    async with seated(hall.address) as person:
        await person.join("dev")
        await ada.send("dev", "before")
        await person.sees("before")
        await person.enter("/ignore ADA")
        await person.sees("from somebody you ignore")
        await person.sees_not("before")
        await ada.send("dev", "after")
        await person.press("alt+0")
        await ada.send("dev", "kim: look")
        await ada.ping()
        await person.hall.client.ping()
        assert not person.hall.client.mirror.rooms["dev"].unread
        await person.enter("/ignore")
        await person.sees("You ignore ADA.")
        await person.press("alt+1")

        await person.enter("/unignore ada")

        await person.sees("before", "after", "kim: look")
        await person.enter("/unignore ada")
        await person.sees("you do not ignore ada; /ignore tells whom you do")


async def test_nobody_ignores_themselves(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.enter("/ignore kim")

        await person.sees("that is you")


async def test_read_marks_one_room_or_all(hall: RunningHall, ada: Client) -> None:
    for room in ("dev", "general"):
        await ada.join(room)
    async with seated(hall.address) as person:
        for room in ("dev", "general"):
            await person.join(room)
        await person.press("alt+0")
        for room in ("dev", "general"):
            await ada.send(room, "news")
        await person.sees("2 unread")
        await person.enter("/read")
        await person.sees("you are in no room here: /read -a is for all of them")
        await person.press("ctrl+u")
        await person.enter("/read -a")

        await person.sees("All your rooms are marked as read.")
        await person.sees_not("2 unread")


async def test_mute_with_a_room_and_unmute(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.press("alt+0")
        await person.enter("/mute #dev 30m")
        await person.sees("#dev is muted for 30 min", "muted")
        await person.enter("/unmute dev")
        await person.sees("#dev is not muted any more.")
        await person.enter("/mute 30 hours")

        await person.sees(
            "'hours' is no time such as 30m, 8h or 2d; write /mute [ROOM] [30m|8h|2d]"
        )


async def test_clear_empties_the_view_until_one_scrolls_up(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    await ada.send("dev", "old news")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.sees("old news")
        await person.enter("/clear")
        await person.sees_not("old news")
        await ada.send("dev", "fresh")
        await person.sees("fresh")
        assert "old news" not in person.text

        await person.press("pageup")

        await person.sees("old news", "fresh")


async def test_from_a_browser_no_file_is_written_and_no_program_is_set(
    hall: RunningHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        monkeypatch.setattr(type(person.app), "is_web", True)
        await person.enter(f"/export {tmp_path / 'dev.md'}")
        await person.sees("in a browser pychat writes no files")
        await person.press("ctrl+c")
        await person.enter("/set notify.command touch it")

        await person.sees("notify.command cannot be set from a browser")
        assert not person.app.settings.notify.command
        assert not (tmp_path / "dev.md").exists()


async def test_export_writes_all_of_the_room_and_replaces_nothing(
    hall: RunningHall, ada: Client, tmp_path: Path
) -> None:
    await ada.join("dev")
    for number in range(450):
        await ada.send("dev", f"number {number}")
    lines, text = tmp_path / "dev.jsonl", tmp_path / "dev.md"
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter(f"/export {lines}")
        await person.sees("450 messages of this room are in")
        await person.enter(f"/export {text}")
        await person.until(text.exists)
        await person.enter(f"/export {lines}")
        await person.sees("is there already; choose another name")
        assert person.hall.composer.text == f"/export {lines}"
        await person.press("ctrl+u")
        await person.enter("/export x.txt")
        await person.sees("x.txt ends with neither .md, for people, nor .jsonl")

    found = [json.loads(line)["text"] for line in lines.read_text("utf-8").splitlines()]
    assert found == [f"number {number}" for number in range(450)]
    assert text.read_text("utf-8").startswith("# dev\n")
    # No half of a file is left.
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob(".pychat-*")))


async def test_the_editor_takes_what_is_written_and_gives_back_what_it_made(
    hall: RunningHall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor.py"
    await asyncio.to_thread(
        script.write_text,
        "import sys, pathlib\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "path.write_text(path.read_text('utf-8').upper() + '\\x1b[2J\\nmore\\n', 'utf-8')\n",
        "utf-8",
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.write("hello")
        await person.press("alt+e")
        await person.sees("this terminal cannot be lent to an editor")
        assert person.hall.composer.text == "hello"
        monkeypatch.setattr(person.app, "suspend", contextlib.nullcontext)

        await person.press("alt+e")

        await person.until(lambda: person.hall.composer.text.startswith("HELLO"))
        assert person.hall.composer.text.endswith("\nmore")
        assert "\x1b" not in person.hall.composer.text
        monkeypatch.setenv("EDITOR", str(tmp_path / "nothing"))
        await person.press("alt+e")
        await person.sees("cannot be run: No such file or directory; set EDITOR to one that can")


async def test_disconnect_stays_away_until_reconnect(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/disconnect")
        await person.sees("○ offline", "You have ended the connection.")
        await person.enter("kept for later")
        await person.sees("queued")
        await person.enter("/reconnect")

        await person.sees("● connected")
        await person.until(lambda: not len(person.hall.client.outbox))


async def test_an_alias_is_a_word_for_a_longer_command(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.enter("/alias work /join dev")
        await person.sees("/work is /join dev from now on.")
        await person.enter("/work")
        await person.until(lambda: person.hall.here == "dev")
        await person.enter("/alias")
        await person.sees("/work is /join dev.")
        await person.enter("/alias join /quit")
        await person.sees("/join is a command already; choose another word")
        await person.press("ctrl+u")
        await person.enter("/alias -r work")
        await person.sees("/work is none of your aliases any more.")
        await person.enter("/alias work")
        await person.sees("/work is no alias of yours.")


async def test_version_and_doctor_tell_about_the_program(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.enter("/version")
        await person.sees("pychat 0.", "protocol 1, on Python 3.", "with Textual 8.")
        await person.enter("/doctor")

        await person.sees("Terminal of 120 by 40", "Connected; the Hall answers within")
        await person.sees("0 messages to be sent. What waits is kept on disk.")


async def test_list_may_be_narrowed_at_once(hall: RunningHall, ada: Client) -> None:
    for room in ("dev", "general"):
        await ada.join(room)
    async with seated(hall.address) as person:
        await person.enter("/list gen")
        await person.until(lambda: isinstance(person.screen, PickScreen))
        await person.press("enter")

        await person.until(lambda: person.hall.here == "general")


async def test_help_about_one_command_is_told_at_once(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.enter("/help leave")
        await person.sees("/leave [ROOM] (also /part): leave the room.")
        await person.enter("/help jion")

        await person.sees("no /jion — did you mean /join?", "write /help [COMMAND]")


async def test_alt_enter_says_what_was_no_command(hall: RunningHall, ada: Client) -> None:
    await ada.join("dev")
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/usr/bin/env is here")
        await person.sees("To say it as it is, begin with //, or press Alt+Enter")

        await person.press("alt+enter")

        await person.until(lambda: ada.mirror.rooms["dev"].messages)
        assert ada.mirror.rooms["dev"].messages[0].text == "/usr/bin/env is here"
        assert not person.hall.composer.text


async def test_the_beginning_of_a_command_is_enough(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        await person.enter("/ver ")
        await person.sees("protocol 1, on Python")
        await person.enter("/un dev")

        await person.sees("/un may be /unban, /unignore, /unlock, /unmute or /unsilence")


async def test_the_topic_is_edited_from_the_palette(hall: RunningHall) -> None:
    async with seated(hall.address) as person:
        await person.join("dev")
        person.hall.action_ask_topic()
        await person.sees("What is #dev about?")
        await person.press(*"Soup", "enter")

        await person.sees("#dev — Soup")
