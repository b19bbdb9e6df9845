"""The types of fields that several wire structs share."""

from typing import Annotated

from msgspec import Meta

from pychat.protocol import limits

Integer = Annotated[int, Meta(ge=0, le=limits.MAX_INTEGER)]
Seq = Integer
"""A position in a room's log, or 0 for before its beginning."""
Millis = Integer
"""Milliseconds since the Unix epoch, UTC, by the server's clock."""
Nonce = Annotated[str, Meta(min_length=1, max_length=limits.NONCE_CHARS)]
Mentions = Annotated[list[str], Meta(max_length=limits.MENTIONS)]
"""Names of members whom a text names, in the order of its naming."""
PublicKey = Annotated[str, Meta(max_length=limits.KEY_CHARS)]
"""An ed25519 public key, as `proofs.written` writes it."""
PassphraseText = Annotated[str, Meta(max_length=limits.PASSPHRASE_CHARS)]
Emojis = Annotated[list[str], Meta(max_length=limits.EMOJIS_PER_PERSON)]
