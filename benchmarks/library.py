"""A room with a million messages, made once and kept in the build folder."""

import hashlib
import itertools
import json
import math
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.generator import BUILD

ROOM = "library"
MESSAGES = 1_000_000
VOCABULARY = 20_000
_SEED = 4
_EPOCH = 1_700_000_000_000
_SENDERS = 50
_MAKERS = ("schema.py", "words.py")
"""What decides how a log is made; a change of these makes it anew."""


def words() -> list[str]:
    """The vocabulary, the commonest first; pronounceable, so that beginnings are shared."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "or")]
    pairs = itertools.product(syllables, repeat=2)
    triples = itertools.product(syllables, repeat=3)
    dice = random.Random(_SEED)
    chosen = ["".join(each) for each in pairs]
    chosen += ["".join(each) for each in itertools.islice(triples, 0, None, 59)]
    dice.shuffle(chosen)
    return chosen[:VOCABULARY]


def lines(count: int = MESSAGES) -> Iterator[str]:
    """The room as `pychat export` writes it: words by Zipf's law, about nine to a message."""
    dice = random.Random(_SEED)
    vocabulary = words()
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(vocabulary))))
    head = {"type": "pychat-room", "version": 1, "room": ROOM, "epoch": "", "topic": ""}
    yield json.dumps(head | {"floor": 0, "head": count})
    for seq in range(1, count + 1):
        length = min(60, max(1, round(math.exp(dice.gauss(2.0, 0.7)))))
        said = " ".join(dice.choices(vocabulary, cum_weights=weights, k=length))
        who, when = f"u{dice.randrange(_SENDERS):05}", _EPOCH + seq * 1000
        yield (
            f'{{"type":"message","room":"{ROOM}","seq":{seq},"prev":{seq - 1},"time":{when},'
            f'"sender":"{who}","nonce":"n{seq}","text":"{said}"}}'
        )


def folder() -> Path:
    """The data folder of a Hall with this room. Making it takes a minute or two, once."""
    place = BUILD / f"library-{_fingerprint()}"
    if place.exists():
        return place
    for old in BUILD.glob("library-*"):
        shutil.rmtree(old)
    print(f"Making a log of {MESSAGES:,} messages, once ...", flush=True)
    part = BUILD / "library-part"
    (part / "data").mkdir(parents=True)
    command = [sys.executable, "-m", "pychat", "import", "-", "--data", str(part / "data")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        process.stdin.writelines(line + "\n" for line in lines())
        process.stdin.close()
        if process.wait():
            raise SystemExit("the log could not be made: `pychat import` failed")
    return part.rename(place)


def _fingerprint() -> str:
    import pychat.server.backplane as backplane

    home = Path(next(iter(backplane.__path__)))
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in _MAKERS:
        digest.update((home / name).read_bytes())
    return digest.hexdigest()[:12]
