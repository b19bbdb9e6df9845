"""What is done with one message: answered, changed, taken back, reacted to, copied, opened."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from pychat.client import CommandError, ConnectionLost, Outgoing
from pychat.protocol import commands, limits
from pychat.protocol.names import fold
from pychat.protocol.replies import Message
from pychat.protocol.text import clean
from pychat.tui import chrome, render
from pychat.tui.intents import Answer, Change, Intent, Intents
from pychat.tui.log.days import Calendar
from pychat.tui.log.layout import is_action
from pychat.tui.log.markup import code_blocks, links_of, preview
from pychat.tui.message_commands import ACTION
from pychat.tui.settings.live import settings_of

if TYPE_CHECKING:
    from pychat.tui.screens.hall import HallScreen

SHOWN_URL_CHARS = render.LINE_CHARS - 100
"""Of an address that may be opened: it is shown in full before, whoever wrote it."""


class MessageActs:
    def __init__(self, hall: "HallScreen") -> None:
        self.intents = Intents()
        self._hall = hall

    def is_mine(self, message: Message) -> bool:
        """Whether the Hall lets me change it, as far as can be told: what I said under an earlier
        name is mine as well."""
        return fold(message.sender) in self._hall.client.mirror.own_names

    # Answering and changing, in the composer

    def answer(self, message: Message) -> None:
        self.cancel_change()
        self._intend(Answer(message))

    def change(self, message: Message) -> None:
        if not self._check_mine(message):
            return
        self.cancel_change()
        hall = self._hall
        under = self.intents.of(hall.here)
        source = self._newest_text(message)
        before = hall.writing.draft
        self.intents.set(
            hall.here,
            Change(message, source, before, under if isinstance(under, Answer) else None),
        )
        self._rewrite(source)
        self.show_intent()
        hall.composer.focus()

    def cancel(self) -> bool:
        """Take off what the bar says. No text goes away. False if there is none."""
        intent = self.intents.of(self._hall.here)
        if isinstance(intent, Change):
            self.cancel_change()
        elif intent is not None:
            self._intend(None)
        return intent is not None

    def cancel_change(self) -> None:
        """What was written of it goes into the history, what was written before comes back."""
        hall = self._hall
        intent = self.intents.of(hall.here)
        if isinstance(intent, Change):
            text = hall.writing.draft
            if text != intent.source:
                hall.speaking.history.add(text)
            self._end_change(intent, since="")

    def submit(self, text: str) -> bool:
        """What was entered while a message is being changed. False if none is."""
        hall = self._hall
        intent = self.intents.of(hall.here)
        if not isinstance(intent, Change):
            return False
        text = text.lstrip("\n").rstrip()
        if text.startswith("/") and not intent.source.startswith("/"):
            if not text.startswith("//"):
                hall.writing.give_back(text)
                hall.complain(
                    "this changes your message: Esc first, then the command; // begins a text"
                )
                return True
            text = text[1:]
        if not text:
            self._ask_to_delete(intent)
        elif text == intent.source:
            self._end_change(intent, since=hall.composer.text)
        else:
            self._post_change(intent, text)
        return True

    def paste(self, parts: Sequence[str]) -> bool:
        """Of an answer, or of a message that is being changed, it becomes a part: as messages of
        their own they would have lost what they belong to. False if none is."""
        belongs = self.intents.of(self._hall.here) is not None
        if belongs:
            self._hall.composer.insert("\n".join(parts))
        return belongs

    def show_intent(self) -> None:
        """Of the place that is open now."""
        hall = self._hall
        match self.intents.of(hall.here):
            case Answer(to=message):
                hall.writing.show_intent(f"↩ replying to {_excerpt(message)}")
            case Change(of=message):
                clock = Calendar(hall.tz).clock(message.time, settings_of(hall).look.clock)
                text = f"✎ editing {clock} {preview(message.text)}"
                hall.writing.show_intent(text, changing=True)
            case None:
                hall.writing.show_intent("")

    def show_meant(self) -> None:
        """Go to the message that the bar is about."""
        intent = self.intents.of(self._hall.here)
        if intent is not None:
            message = intent.to if isinstance(intent, Answer) else intent.of
            self._hall.go_to_message(message.seq)

    # At once

    def post_answer(self, message: Message, text: str) -> None:
        """As `answer`, with its text. Raises CommandError, ConnectionLost."""
        self._posted(self._hall.client.post(message.room, text, message.seq))

    def post_change(self, message: Message, text: str) -> None:
        """As `change`, with its text; the same text does nothing. Raises as `post_answer`."""
        if self._check_mine(message) and text != self._newest_text(message):
            self._posted(self._hall.client.post_edit(message.room, message.seq, text))

    def may_delete(self, message: Message) -> bool:
        mirror = self._hall.client.mirror
        return self.is_mine(message) or chrome.keeps_order(mirror, message.room)

    def delete(self, message: Message) -> None:
        if self.may_delete(message) or self._check_mine(message):
            self._try(partial(self._hall.client.post_delete, message.room, message.seq))

    def react(self, message: Message, emoji: str) -> None:
        """With one emoji more, or without it."""
        mine = self.reactions(message)
        chosen = [each for each in mine if each != emoji] if emoji in mine else [*mine, emoji]
        if len(chosen) > limits.EMOJIS_PER_PERSON:
            self._hall.complain(
                f"a person reacts with at most {limits.EMOJIS_PER_PERSON} emoji to a message"
            )
            return
        self._try(partial(self._hall.client.post_react, message.room, message.seq, chosen))

    def choose_reaction(self, message: Message) -> None:
        from pychat.tui.screens.emoji import EmojiScreen

        def chosen(emoji: str | None) -> None:
            if emoji is not None:
                self.react(message, emoji)

        self._hall.app.push_screen(EmojiScreen(self.reactions(message)), chosen)

    def reactions(self, message: Message) -> list[str]:
        """Mine, with those that are on their way."""
        for item in reversed(self._hall.client.outbox.of(message.room)):
            match item.command:
                case commands.React(target=message.seq) if item.state != "failed":
                    return list(item.command.emojis)
        names = self._hall.client.mirror.own_names
        reactions = message.reactions or {}
        return [emoji for emoji, who in reactions.items() if any(fold(n) in names for n in who)]

    def copy(self, message: Message) -> None:
        self.copy_text(message.text, "the message")

    def copy_code(self, message: Message) -> None:
        """Its first code, or all of it where it has none."""
        blocks = code_blocks(message.text)
        if blocks:
            self.copy_text(blocks[0], "the code")
        else:
            self.copy(message)

    def copy_text(self, text: str, what: str) -> None:
        self._hall.app.copy_to_clipboard(clean(text))
        self._hall.tell_briefly(f"{what} was copied")

    def open_links(self, message: Message) -> None:
        links = links_of(message.text)
        if not links:
            self._hall.complain("there is no link in it")
        elif len(links) == 1:
            self.confirm_link(links[0])
        else:
            from pychat.tui.screens.links import LinksScreen

            shown = [link for link in links if len(link) <= SHOWN_URL_CHARS]
            self._hall.app.push_screen(LinksScreen(shown), self._open)

    def confirm_link(self, link: str) -> None:
        """Its words may have told of another place than it leads to."""
        if len(link) > SHOWN_URL_CHARS:
            self._hall.complain(
                f"a link of {len(link):,} characters is not opened: it cannot be shown in full"
            )
            return
        from pychat.tui.screens.confirm import ConfirmScreen

        screen = ConfirmScreen(f"Open in the browser? O opens, Esc does not. {link}", key="o")
        self._hall.app.push_screen(screen, lambda sure: self._open(link if sure else None))

    def quote(self, message: Message) -> None:
        """Into the composer, before what is written there."""
        composer = self._hall.composer
        lines = clean(message.text).split("\n")
        quoted = "".join(f"> {line}\n" for line in lines)
        composer.insert(quoted, (0, 0))
        composer.move_cursor(composer.document.end)
        composer.focus()

    def inform(self, message: Message) -> None:
        from pychat.tui.screens.about import AboutScreen

        hours = settings_of(self._hall).look.clock
        self._hall.app.push_screen(AboutScreen(message, self._hall.tz, hours))

    # How

    def _intend(self, intent: Intent | None) -> None:
        self.intents.set(self._hall.here, intent)
        self.show_intent()
        self._hall.composer.focus()

    def _ask_to_delete(self, intent: Change) -> None:
        from pychat.tui.screens.confirm import ConfirmScreen

        def answered(sure: bool | None) -> None:
            if sure:
                self._end_change(intent, since="")
                self.delete(intent.of)

        screen = ConfirmScreen("Delete this message? Enter keeps it, D deletes it.", key="d")
        self._hall.app.push_screen(screen, answered)

    def _post_change(self, intent: Change, text: str) -> None:
        hall, message = self._hall, intent.of
        try:
            item = hall.client.post_edit(message.room, message.seq, text)
        except (CommandError, ConnectionLost) as error:
            hall.composer.give_back(text)
            hall.complain(error.text)
            return
        self._end_change(intent, since=hall.composer.text)
        self._posted(item)

    def _end_change(self, intent: Change, *, since: str) -> None:
        """`since` was typed after the change was entered."""
        before = intent.before
        self.intents.set(self._hall.here, intent.under)
        self._rewrite(f"{before}\n{since}" if before and since else before or since)
        self.show_intent()
        self._hall.speaking.save()

    def _rewrite(self, text: str) -> None:
        hall = self._hall
        hall.writing.take_up(
            text, title=chrome.place_title(hall.client.mirror), hint=hall.composer.hint
        )

    def _newest_text(self, message: Message) -> str:
        """With a change of it that is on its way."""
        for item in reversed(self._hall.client.outbox.of(message.room)):
            match item.command:
                case commands.Edit(target=message.seq) if item.state != "failed":
                    return item.text
        return message.text

    def _check_mine(self, message: Message) -> bool:
        mine = self.is_mine(message)
        if not mine:
            self._hall.complain("only one's own messages can be changed or deleted")
        return mine

    def _open(self, link: str | None) -> None:
        # Nothing else is a link; this is where it would matter.
        if link is not None and link.startswith(("http://", "https://")):
            self._hall.app.open_url(link)

    def _try(self, post: "partial[Outgoing]") -> None:
        try:
            item = post()
        except (CommandError, ConnectionLost) as error:
            self._hall.complain(error.text)
        else:
            self._posted(item)

    def _posted(self, item: Outgoing) -> None:
        self._hall.waiting.posted(item)
        self._hall.complain("")


def _excerpt(message: Message) -> str:
    who = render.label(message.sender)
    if is_action(message.text):
        return f"* {who} {preview(message.text[len(ACTION) :])}"
    return f"{who}: {preview(message.text)}"
