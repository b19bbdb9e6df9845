"""What keeps a node from being one of a Hall's."""


class ClusterError(Exception):
    """The text says why and what to do."""
