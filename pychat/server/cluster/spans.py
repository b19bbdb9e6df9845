"""Times as people say them."""


def span(seconds: float) -> str:
    """In one unit, at least two of it; less than nothing, as clocks of two machines make it, is
    nothing."""
    seconds = max(0.0, seconds)
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
