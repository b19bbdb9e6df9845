"""How far a node is behind the logs of its rooms."""

import msgspec


class RoomsLag(msgspec.Struct, frozen=True):
    followed: int = 0
    """Rooms."""
    behind: int = 0
    """Those of them whose stream has something that is not in the projection."""
    under_way: int = 0
    """Proposals of this node that are not settled."""
    oldest: float = 0.0
    """Seconds for which the first of these has waited."""
