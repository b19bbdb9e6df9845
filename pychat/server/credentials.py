"""What was proved before the Hall is asked: the shell looks at secrets, the Hall decides."""

import msgspec


class Credentials(msgspec.Struct, frozen=True):
    key: str = ""
    """Proved on this connection, for the name in this `hello`; empty: none."""
    passphrase: bool = False
    """Whether that of the name's owner was given."""
    stored: str = ""
    """Of a new passphrase, as it is kept."""


NOTHING = Credentials()
