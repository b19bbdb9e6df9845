"""The configurations with which the servers are started."""

from pathlib import Path

import pytest

from benchmarks import servers, targets, workloads
from benchmarks.servers.base import Server


@pytest.mark.parametrize("server", servers.ALL, ids=lambda server: server.name)
def test_a_server_is_told_its_port_and_its_folder(server: Server, tmp_path: Path) -> None:
    command = server.command(23_456, tmp_path)
    told = " ".join(command) + "".join(file.read_text() for file in tmp_path.iterdir())
    assert "23456" in told
    assert "{" not in "".join(command)
    if server.name != "naive":
        assert str(tmp_path) in told


def test_a_server_that_is_not_installed_says_how_to_install_it() -> None:
    class Absent(servers.irc.InspIRCd):
        programs = ("surely-not-installed",)

    expected = "surely-not-installed is not installed (apt install inspircd)"
    assert Absent().missing() == expected
    assert servers.BY_NAME["pychat"].missing() is None


def test_names_are_unique_and_targets_are_of_workloads() -> None:
    assert len(servers.BY_NAME) == len(servers.ALL)
    assert len(workloads.BY_NAME) == len(workloads.ALL)
    assert {target.workload for target in targets.ALL} <= set(workloads.BY_NAME)


def test_pychat_does_every_workload_without_tls() -> None:
    left_out = {load.name for load in workloads.ALL if not load.suits(servers.BY_NAME["pychat"])}
    assert all(name.endswith("-tls") for name in left_out)


def test_a_server_that_tells_no_presence_is_spared_the_join_storm() -> None:
    storm = workloads.BY_NAME["W6"]
    assert not storm.suits(servers.BY_NAME["redis"])
    assert storm.suits(servers.BY_NAME["ngircd"])


def test_tls_is_measured_where_a_server_can_take_nothing_else(tmp_path: Path) -> None:
    load, plain, redis = (
        workloads.BY_NAME["W4-5k-tls"],
        *map(servers.BY_NAME.get, ("nats", "redis")),
    )
    assert redis is not None
    assert plain is not None
    assert load.suits(redis)
    assert not load.suits(plain)
    arguments = redis.tls_arguments(23_456, tmp_path / "c.pem", tmp_path / "k.pem")
    assert arguments is not None
    assert arguments[:4] == ["--port", "0", "--tls-port", "23456"]


def test_workloads_that_are_too_much_for_a_server_exist() -> None:
    assert all(server.too_much <= set(workloads.BY_NAME) for server in servers.ALL)
