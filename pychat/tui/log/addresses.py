"""Web addresses in what people write. Pure; one pass over the text whatever is in it.

Only http and https, and only ASCII: a terminal takes nothing else, and an address in other letters
can look like another.
"""

import re

ADDRESS = re.compile(r"https?://(?:[^\s\]\\]|\](?!\())+")
"""Where an address may stand, with what follows it up to a space; `trimmed` says what it is."""
TARGET = re.compile(
    r"\]\((?P<url>https?://(?P<host>[A-Za-z0-9._-]{1,253}(?::[0-9]{1,5})?)"
    r"(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'*+,;=%-]|\([A-Za-z0-9._~:/?#@!$&'*+,;=%-]*\))*)?)\)"
)
"""From the bracket that closes a link's words to the end of its address.

Nothing that one reader of addresses takes for the host and another does not: no name before an @,
no backslash.
"""
_AFTER = ".,;:!?'\"*_~|`>]}"


def trimmed(found: str) -> str:
    """An address without what belongs to the sentence around it."""
    url = found.rstrip(_AFTER)
    # Closing brackets that the address did not open.
    unopened = max(0, url.count(")") - url.count("("))
    closing = len(url) - len(url.rstrip(")"))
    return url[: len(url) - min(unopened, closing)].rstrip(_AFTER)


def is_address(url: str) -> bool:
    return "://" in url and url.isascii() and url.isprintable() and not url.endswith("//")
