"""How much of what was written to a client its machine has not acknowledged, by the kernel."""

import asyncio
import sys


def unacknowledged(transport: asyncio.Transport) -> int:
    """Bytes; 0 where the kernel does not tell, and for a socket that is closed."""
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    sock = transport.get_extra_info("socket")
    if sock is None:
        # With TLS it is not known any more once the client has gone.
        return 0
    try:
        # SIOCOUTQ, which is the terminal's TIOCOUTQ by number.
        waiting = fcntl.ioctl(sock, termios.TIOCOUTQ, bytes(4))
    except (OSError, ValueError):
        return 0
    return int.from_bytes(waiting, sys.byteorder, signed=True)
