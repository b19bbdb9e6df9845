"""One line is asked for, with its rules before any error, checked as it is typed.

The screen stays until the answer has been taken: a refusal leaves the text and says why.
"""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Generic, TypeVar

import msgspec
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from pychat.client import CommandError, ConnectionLost, Unreachable
from pychat.protocol.errors import Refused
from pychat.tui import render
from pychat.tui.screens.layers import Box

Answer = TypeVar("Answer")


class Question(msgspec.Struct, Generic[Answer], frozen=True):
    title: str
    rules: str
    check: Callable[[str], str]
    """The text as it will be used. Raises Refused."""
    submit: Callable[[str], Awaitable[Answer]]
    """May raise what a client's commands raise; the text of that is shown."""
    prefill: str = ""
    complaint: str = ""
    advise: Callable[[str, CommandError], str] = lambda _, error: error.text
    """What is said of a refusal."""
    hidden: bool = False
    """Whether nobody is to read along."""
    keys: str = "Enter takes it · Esc cancels"


class AskScreen(Box[Answer | None], Generic[Answer]):
    """Ends with what `submit` returned; with None after Esc."""

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, id="ask.cancel")
    ]

    def __init__(self, question: Question[Answer]) -> None:
        super().__init__()
        self.busy = False
        """Whether an answer is being tried."""
        self._question = question

    def compose(self) -> ComposeResult:
        question = self._question
        with Vertical(id="question"):
            yield Static(render.line(question.title), id="title")
            # A proposal is selected, so that typing replaces it; what was refused is not.
            fresh = not question.complaint
            yield Input(
                question.prefill,
                id="answer",
                select_on_focus=fresh,
                password=question.hidden,
            )
            yield Static(render.line(question.rules), id="rules")
            yield Static(_complaint(question.complaint), id="complaint")
            yield Static(render.line(question.keys), id="keys")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        # What was prefilled with its complaint is no change by the person.
        if event.value != self._question.prefill or not self._question.complaint:
            self._complain(self._fault(event.value) if event.value else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.busy:
            return
        fault = self._fault(event.value)
        if fault:
            self._refuse(fault)
            return
        self.busy = True
        self._complain("")
        self._submit(self._question.check(event.value.strip()))

    def action_cancel(self) -> None:
        self.dismiss(None)

    def _fault(self, text: str) -> str:
        try:
            self._question.check(text.strip())
        except Refused as error:
            return error.text
        return ""

    @work
    async def _submit(self, text: str) -> None:
        try:
            answer = await self._question.submit(text)
        except CommandError as error:
            self._refuse(self._question.advise(text, error))
        except (ConnectionLost, Unreachable) as error:
            self._refuse(str(error))
        else:
            self.dismiss(answer)
        finally:
            self.busy = False

    def _refuse(self, why: str) -> None:
        """The text stays to be mended: nothing of it is selected any more."""
        answer = self.query_one(Input)
        answer.selection = Selection.cursor(answer.cursor_position)
        self._complain(why)

    def _complain(self, text: str) -> None:
        self.query_one("#complaint", Static).update(_complaint(text))


def _complaint(text: str) -> Content:
    return render.line(f"✗ {text}" if text else "")
