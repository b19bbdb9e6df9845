"""A fuzz target: any bytes, as a connection would bring them, to a Hall without sockets or disk.

python -m fuzz.wire [SECONDS]

With atheris installed it is guided by coverage and goes on until it is stopped (atheris' options
follow SECONDS); else it damages streams of the corpus at random for so many seconds. What raises
is written to a file `crash-...`: repair it, then put the file into `fuzz/corpus`.
"""

import hashlib
import random
import sys
import time
from pathlib import Path

from pychat.protocol import commands, limits
from pychat.protocol.codec import decode_command, encode, encode_frame
from pychat.protocol.errors import FrameError, ProtocolError
from pychat.protocol.framing import FrameReader
from pychat.protocol.replies import Error
from tests.support.hall_shell import FakePeer, HallShell

CORPUS = Path(__file__).with_name("corpus")

_STREAMS_PER_HALL = 100
"""Then another Hall: what is said in one stays, and would be taken for a leak."""

_HELLO = commands.Hello(id=1, protocol=[1], client="fuzz")
_JOIN = commands.Join(id=2, room="lobby")

_TOKENS = (
    *(b"[" * 1_100, b'{"a":' * 1_100, b"\\ud800", b"\xed\xa0\x80", b"\xff", b"\x00", b"\\u0000"),
    *(b"1e999", b"NaN", b"-1", b"9007199254740992", b"9" * 400, b"null", b"true", b'""', b"{}"),
    *(b'"id":1,', b'"type":"send",', b'"type":"join",', b'"room":"lobby",', b'"nonce":"n",'),
    *("é".encode(), "😀".encode(), "\u202e".encode(), "\ufeff".encode(), b"\xe2\x80\xa8"),
    *(b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x00\x01\x00\x01", b"\x80\x00\x00\x00"),
)


def corpus() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CORPUS.iterdir())]


def mutated(stream: bytes, rng: random.Random) -> bytes:
    """A few bytes of it changed, lost, doubled or added; half the time with lengths that fit."""
    damaged = bytearray(stream)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(damaged) + 1)
        end = at + rng.choice((0, 0, 1, 1, 2, 4, 16))
        match rng.randrange(4):
            case 0:
                damaged[at:end] = rng.choice(_TOKENS)
            case 1:
                damaged[at:end] = rng.randbytes(rng.randrange(4))
            case 2:
                damaged[at:end] = damaged[at : end + 1] * 2
            case _:
                damaged[at : at + 1] = bytes([rng.randrange(256)])
    if rng.random() < 0.5:
        payload = bytes(damaged[limits.HEADER_BYTES :])
        return len(payload).to_bytes(limits.HEADER_BYTES, "big") + payload
    return bytes(damaged)


class _Halls:
    """A Hall with somebody in a room who hears everything."""

    def __init__(self) -> None:
        self._left = 0

    def next(self) -> HallShell:
        if self._left == 0:
            self._left = _STREAMS_PER_HALL
            self._shell = HallShell()
            self.greeted(self._shell)
        self._left -= 1
        return self._shell

    @staticmethod
    def greeted(shell: HallShell) -> FakePeer:
        peer = shell.connect()
        shell.send(peer, _HELLO)
        shell.send(peer, _JOIN)
        shell.settle()
        return peer


_halls = _Halls()


def run_one(stream: bytes) -> list[str]:
    """Feed it to somebody in a room, or to a stranger, by its last bit; what became of each frame:
    `obeyed`, `refused`, or `ended` where the stream cannot go on.

    Raises whatever is not as it should be.
    """
    shell = _halls.next()
    in_a_room = not stream or stream[-1] & 1
    peer = _halls.greeted(shell) if in_a_room else shell.connect()
    reader = FrameReader(limits.CLIENT_FRAME_BYTES if in_a_room else limits.GREETING_FRAME_BYTES)
    reader.feed(stream)
    outcomes = []
    while not peer.gone:
        try:
            payload = reader.read()
        except FrameError:
            outcomes.append("ended")
            break
        if payload is None:
            outcomes.append("ended")
            break
        outcomes.append(_carry_out(shell, peer, payload))
    _settle(shell, peer)
    return outcomes


def _carry_out(shell: HallShell, peer: FakePeer, payload: bytes) -> str:
    try:
        command = decode_command(payload)
    except ProtocolError as refusal:
        answer = Error(id=refusal.command_id, code=refusal.code, text=refusal.text, retryable=False)
        assert len(encode_frame(answer)) <= limits.SERVER_FRAME_BYTES
        return "refused"
    # What was understood can be told again.
    assert decode_command(encode(command)) == command
    # Of these the Hall hears nothing.
    if not isinstance(command, commands.Pong | commands.Challenge):
        told = len(peer.told)
        shell.send(peer, command)
        shell.settle()
        answers = [each for each in peer.told[told:] if getattr(each, "id", None) == command.id]
        assert len(answers) == 1, (command, answers)
    return "obeyed"


def _settle(shell: HallShell, peer: FakePeer) -> None:
    if not peer.gone:
        shell.break_off(peer)
    shell.tick(2 * shell.config.linger)
    # Nobody but the first one is left, however many came.
    del shell.peers[1:]
    del shell.notes[:]
    for each in shell.peers:
        del each.told[:]


def _run_for(seconds: float) -> None:
    seed = random.randrange(1 << 32)  # noqa: S311
    rng = random.Random(seed)  # noqa: S311
    streams = corpus()
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        stream = mutated(rng.choice(streams), rng)
        try:
            run_one(stream)
        except BaseException:
            digest = hashlib.blake2b(stream, digest_size=8).hexdigest()
            Path(f"crash-{digest}").write_bytes(stream)
            raise
        count += 1
    sys.stdout.write(f"{count} damaged streams (seed {seed}): nothing found\n")


def _main() -> None:
    try:
        import atheris
    except ImportError:
        _run_for(float(sys.argv[1]) if sys.argv[1:] else 60.0)
        return
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *sys.argv[2:], str(CORPUS)], run_one)
    atheris.Fuzz()


if __name__ == "__main__":
    _main()
