"""What both sides of the wire agree on. Pure: no loop, no sockets, no clock."""
