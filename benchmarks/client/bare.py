"""The least that a program of Textual does: what the client's start is to be compared with.

python -m benchmarks.client.bare
"""

from textual.app import App, ComposeResult
from textual.widgets import Static

HELLO = "nothing but this"


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static(HELLO)


if __name__ == "__main__":
    Bare().run()
