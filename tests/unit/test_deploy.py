"""What is in deploy/: it gives the program what that understands, and the program little else."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pychat.protocol.limits import DEFAULT_PORT
from pychat.server.settings.schema import options
from tests.support.command_line import command_of

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "pychat.service"
CONTAINER = ROOT / "deploy" / "Containerfile"
COMPOSE = ROOT / "deploy" / "compose.yaml"


def understood(words: list[str]) -> str:
    """The name of the command that these words after `pychat` are, with options that it has."""
    name, options = command_of(words)
    assert {word for word in words if word.startswith("-")} <= options
    return name


@pytest.fixture
def unit() -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(UNIT)
    return {name: dict(section) for name, section in parser.items()}


def test_the_unit_starts_the_program_as_it_is(unit: dict[str, dict[str, str]]) -> None:
    service = unit["Service"]

    for key, command in (("ExecStart", "serve"), ("ExecStartPre", "check")):
        program, *words = service[key].split()
        assert program.endswith("/bin/pychat")
        assert understood(words) == command
    assert "--data /var/lib/" + service["StateDirectory"] in service["ExecStart"]
    assert "--quiet" in service["ExecStart"]
    assert "HUP" in service["ExecReload"]


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("this machine has no systemd-analyze")
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_systemd_finds_nothing_wrong_in_the_unit_and_little_exposed(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    here.write_text(UNIT.read_text().replace("/opt/pychat/bin/pychat", sys.executable))

    assert UNIT.name not in analyze("verify", "--man=no", str(here)).stderr
    if "--offline" not in analyze("--help").stdout:
        pytest.skip("this machine's systemd-analyze looks at loaded units only")
    # In tenths: 1.5 of 10.
    looked = analyze("security", "--offline=true", "--threshold=15", str(here))
    assert looked.returncode == 0, looked.stdout


def test_the_container_runs_the_program_as_it_is_and_not_as_root() -> None:
    lines = re.sub(r"\\\n", "", CONTAINER.read_text()).splitlines()
    steps = [line.split(maxsplit=1) for line in lines if line and not line.startswith("#")]
    last = dict(steps)

    assert last["USER"] == "10001:10001"
    words = json.loads(last["CMD"])
    assert words[words.index("--data") + 1] == last["VOLUME"]
    assert understood(words) == "serve"
    health = json.loads(last["HEALTHCHECK"].partition("CMD ")[2])
    assert words[-1] in health[-1]


def test_the_container_is_made_of_what_is_there_and_of_nothing_else() -> None:
    steps = [line.split() for line in CONTAINER.read_text().splitlines()]
    copied = {
        name
        for step in steps
        if step[:1] == ["COPY"] and not step[1].startswith("--")
        for name in step[1:-1]
    }

    assert {name for name in copied if not (ROOT / name).exists()} == set()
    ignored = (CONTAINER.with_name(f"{CONTAINER.name}.dockerignore")).read_text().splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


def test_the_container_starts_what_its_build_installs() -> None:
    lines = re.sub(r"\\\n", "", CONTAINER.read_text()).splitlines()
    steps = [line for line in lines if line and not line.startswith("#")]
    build, final = (steps[: (at := _last_from(steps))], steps[at:])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (venv,) = re.findall(r"-m venv (\S+)", "\n".join(build))

    # Into that environment, without extras unless somebody asks for one.
    assert re.search(rf'{venv}/bin/pip install .* "\.\$EXTRAS"$', "\n".join(build), re.MULTILINE)
    assert "ARG EXTRAS=" in build
    assert f"COPY --from=build {venv} {venv}" in final
    named = dict(step.split(maxsplit=1) for step in final)
    (program,) = json.loads(named["ENTRYPOINT"])
    assert program.rpartition("/")[0] == f"{venv}/bin"
    assert program.rpartition("/")[2] in project["scripts"]
    # What the build of the package reads is there.
    copied = " ".join(step for step in build if step.startswith("COPY"))
    assert {project["readme"], *project["license-files"]} <= set(copied.split())
    # The folder is its user's, who may listen at the port without being root.
    user = named["USER"].partition(":")[0]
    assert f"-o {user} " in named["RUN"]
    assert named["RUN"].endswith(named["VOLUME"])
    assert int(named["EXPOSE"]) == DEFAULT_PORT > 1_023


def _last_from(steps: list[str]) -> int:
    return max(number for number, step in enumerate(steps) if step.startswith("FROM "))


def test_the_image_has_a_python_that_the_program_runs_on() -> None:
    least = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    images = re.findall(r"^FROM python:(\d+)\.(\d+)", CONTAINER.read_text(), re.MULTILINE)

    assert images
    for image in images:
        assert tuple(map(int, image)) >= tuple(map(int, least.removeprefix(">=").split(".")))


def test_the_example_of_a_cluster_gives_programs_what_they_understand() -> None:
    compose = COMPOSE.read_text()

    # No YAML is read in this project: each fact is on a line of its own.
    given = re.findall(r"^    (PYCHAT_\w+): ", compose, re.MULTILINE)
    known = {"PYCHAT_" + name.replace(".", "_").upper(): name for name in options()}
    assert [known[each] for each in given] == [
        "cluster.servers",
        "cluster.monitors",
        "listen.tls",
    ]
    (extra,) = re.findall(r'EXTRAS: "\[(\w+)\]"', compose)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert extra in project["optional-dependencies"]
    # Without TLS, as its comment has people go there, it is for this machine alone.
    assert 'PYCHAT_LISTEN_TLS: "off"' in compose
    ports = re.findall(r'ports: \["(.+):\d+:(\d+)"\]', compose)
    assert ports == [("127.0.0.1", str(DEFAULT_PORT))] * 2
    assert "sync_interval: always" in compose
