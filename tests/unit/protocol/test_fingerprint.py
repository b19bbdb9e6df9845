"""Fingerprints as they are written, compared and read."""

import pytest

from pychat.protocol import fingerprint
from pychat.protocol.fingerprint import FingerprintError

DIGEST = bytes(range(32))
WRITTEN = "sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"


def test_it_is_written_with_what_made_it_and_shown_in_groups_that_can_be_compared() -> None:
    assert fingerprint.written(DIGEST) == WRITTEN
    groups = fingerprint.grouped(DIGEST)
    assert (len(groups), groups[0], groups[-1]) == (16, "0001", "1e1f")


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        WRITTEN.removeprefix("sha256:"),
        WRITTEN.upper(),
        f" {WRITTEN}\n",
        ":".join(f"{byte:02X}" for byte in DIGEST),
        " ".join(fingerprint.grouped(DIGEST)),
    ],
)
def test_it_is_read_as_pychat_and_as_openssl_write_it(text: str) -> None:
    assert fingerprint.parse(text) == DIGEST


@pytest.mark.parametrize(
    "text", ["", "sha256:", WRITTEN[:-1], WRITTEN + "0", WRITTEN[:-1] + "g", "sha1:" + WRITTEN[7:]]
)
def test_anything_else_is_refused_with_what_it_should_be(text: str) -> None:
    with pytest.raises(FingerprintError, match="64 digits"):
        fingerprint.parse(text)


def test_that_of_a_certificate_is_the_sha_256_of_its_der() -> None:
    digest = fingerprint.of_certificate(b"abc")

    assert digest.hex().startswith("ba7816bf8f01cfea")
    assert len(digest) == len(fingerprint.NONE) == fingerprint.BYTES
