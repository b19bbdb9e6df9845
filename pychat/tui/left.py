"""What earlier programs have left for a Hall, told to who cannot get into it."""

from pychat.client import Address, outbox_folder, waiting_for
from pychat.protocol.text import clean_line
from pychat.tui import telling
from pychat.tui.draft_store import left_in


def left_for(address: Address) -> str:
    """In sentences; empty if there is nothing."""
    sentences = []
    if waiting := waiting_for(address):
        sentences.append(_waits(waiting))
    folder = outbox_folder(address)
    drafts = [place for path in sorted(folder.glob("*.drafts")) for place in left_in(path)]
    if drafts:
        where = telling.places(list(dict.fromkeys(drafts)))
        sentences.append(f"What you wrote and did not send is kept here: {where}.")
    return clean_line(" ".join(sentences))


def _waits(waiting: dict[str, int]) -> str:
    count = sum(waiting.values())
    verb = "waits" if count == 1 else "wait"
    told = f"{telling.messages(count)} of yours {verb} here, to be sent when you are back"
    if len(waiting) > 1:
        owners = [f"{each:,} as {owner or 'new'}" for owner, each in waiting.items()]
        return f"{told}: {telling.listed(owners)}."
    (owner,) = waiting
    return f"{told} as {owner}." if owner else f"{told}."
