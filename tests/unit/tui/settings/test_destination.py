"""What a profile says of its Hall: where it is, its key, and whether it is encrypted."""

import pytest

from pychat.client import Trust
from pychat.protocol import fingerprint
from pychat.tui.settings.destination import destination
from pychat.tui.settings.reading import understand

KEY = bytes(range(32))


def trust(*lines: str) -> Trust:
    written = "\n".join(("[profiles.work]", "host = 'chat.lan'", *lines))
    settings, problems = understand(written)
    assert not problems
    return destination(settings, "work").trust


@pytest.mark.parametrize(
    ("tls", "meant"), [("auto", None), ("required", True), ("off", False)], ids=str
)
def test_a_profile_says_whether_its_hall_is_encrypted(tls: str, meant: bool | None) -> None:
    assert trust(f"tls = '{tls}'") == Trust(tls=meant)


def test_a_profile_without_either_is_as_an_address() -> None:
    assert trust() == Trust()


@pytest.mark.parametrize("written", [fingerprint.written(KEY), KEY.hex(":").upper()])
def test_a_profiles_key_is_the_only_one_that_is_taken(written: str) -> None:
    assert trust(f"fingerprint = '{written}'") == Trust(key=KEY)
    assert trust(f"fingerprint = '{written}'", "tls = 'required'") == Trust(key=KEY, tls=True)
