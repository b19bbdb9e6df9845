"""The example of a pychat.toml: it is what the program takes, and leaves nothing out."""

import re
from pathlib import Path

from pychat.protocol import limits as wire
from pychat.server import limits
from pychat.server.settings.example import example
from pychat.server.settings.reading import Source
from pychat.server.settings.schema import Settings, options


def test_with_nothing_or_everything_taken_in_it_is_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "pychat.toml"
    file.write_text(example())
    assert Source(file=file).read() == Settings()

    everything = re.sub(r"(?m)^#(\w+ = )", r"\1", example())
    file.write_text(everything)

    assert len(re.findall(r"(?m)^\w+ = ", everything)) == len(options())
    assert Source(file=file).read() == Settings()


def test_each_setting_has_a_reason_and_what_it_may_be() -> None:
    written = example()

    for option in options().values():
        comment = written.partition(f"\n#{option.field} = ")[0].rpartition("\n\n")[2]
        *reason, allowed = " ".join(comment.replace("# ", " ").split()).split(". ")
        assert reason, option.key
        assert option.allowed[1:] in comment.replace("\n# ", " ")
        assert ("next start" in allowed) == option.needs_restart


def test_each_bound_of_the_server_and_of_the_wire_is_in_it() -> None:
    written = example()
    sections = {option.bound for option in options().values()}

    for module in (limits, wire):
        for name, value in vars(module).items():
            named = name.isupper() and isinstance(value, int | float)
            if named and name not in sections | {"SECONDS", "KIB", "MIB"}:
                assert f"#   {name.lower()} = {value:,}" in written


def test_its_lines_fit_a_terminal() -> None:
    assert max(map(len, example().splitlines())) <= 100
