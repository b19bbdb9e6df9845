"""What people might write: short lines, some with an address, some in two lines, some not Latin."""

import random

NAMES = ["ann", "bob_", "cyd42", "dan", "eve_", "fay42", "gus", "hal_"]
_WORDS = [
    *("the", "a", "to", "of", "and", "in", "is", "it", "you", "that", "for", "on", "with", "as"),
    *("this", "was", "be", "have", "at", "or", "from", "one", "had", "by", "not", "server"),
    *("room", "message", "client", "latency", "protocol", "frame", "buffer", "retry", "deploy"),
]


def talk(seed: int, count: int) -> list[str]:
    """Texts of 54 characters on average, the same for the same seed."""
    dice = random.Random(seed)
    return [_text(dice, number) for number in range(count)]


def _text(dice: random.Random, number: int) -> str:
    words = dice.choices(_WORDS, k=min(120, max(1, int(dice.lognormvariate(2.1, 0.8)))))
    kind = dice.random()
    if kind < 0.05:
        words.append(f"https://example.org/issue/{number}")
    elif kind < 0.07:
        words.append("日本語テキスト 🎉")
    elif kind < 0.09:
        words.append("\n  second line\n  third line")
    return " ".join(words)
