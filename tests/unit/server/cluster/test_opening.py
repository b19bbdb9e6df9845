import sys
from pathlib import Path

import msgspec
import pytest

from pychat.server import backplane, limits
from pychat.server.backplane import jetstream
from pychat.server.cluster.faults import ClusterError
from pychat.server.cluster.node_server import NodeServer
from pychat.server.cluster.opening import node_server, rules_of
from pychat.server.lifecycle import hall_config
from pychat.server.settings.reading import ConfigError, Source
from pychat.server.settings.schema import ClusterSection, KeepSection, LimitsSection, Settings
from tests.support.hall import RecordingReport

SETTINGS = Settings(cluster=ClusterSection(servers=("nats://127.0.0.1:1",)))


def open_node(data: Path, settings: Settings = SETTINGS) -> NodeServer:
    server, _ = node_server(settings, hall_config("Hall"), RecordingReport(), data, lambda: None)
    return server


def test_without_the_package_it_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where others look for the package, it is to be again afterwards.
    monkeypatch.setattr(backplane, "jetstream", jetstream)
    for name in [name for name in sys.modules if name.startswith("pychat.server.backplane.jet")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nats", None)
    monkeypatch.setitem(sys.modules, "nats.aio.client", None)

    with pytest.raises(ClusterError, match=r"install pychat\[cluster\]"):
        open_node(tmp_path)


def test_the_folder_of_a_hall_by_itself_is_no_nodes(tmp_path: Path) -> None:
    (tmp_path / "hall.db").touch()

    with pytest.raises(ClusterError, match="give this node a folder of its own"):
        open_node(tmp_path)


def test_what_decides_holds_for_all_and_what_is_a_machines_does_not() -> None:
    settings = msgspec.structs.replace(SETTINGS, limits=LimitsSection(users=7, connections=8))

    rules = rules_of(msgspec.structs.replace(settings, keep=KeepSection(days=3, messages=5)))

    assert (rules.keep_age, rules.keep_messages) == (3 * 24 * 3_600_000, 5)
    assert rules.bounds["USERS"] == 7
    assert "CONNECTIONS" not in rules.bounds
    assert all(hasattr(limits, name) for name in rules.bounds)
    assert rules.linger == limits.LINGER


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"cluster.servers": ["10.0.0.1:4222"]}, "no address of a NATS server"),
        ({"cluster.servers": ["http://x:1"]}, "no address of a NATS server"),
        ({"cluster.streams": "a.b"}, "cluster.streams"),
        ({"cluster.monitors": ["nats://x:1"]}, "no address where a NATS server is monitored"),
        ({"cluster.monitors": ["http://u:p@x:1"]}, "no address where a NATS server is monitored"),
    ],
)
def test_settings_of_no_cluster_are_told(given: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as told:
        Source(given=given).read()

    assert words in str(told.value.faults)


def test_a_node_asks_where_its_settings_say_how_the_engine_syncs(tmp_path: Path) -> None:
    monitors = ("http://10.0.0.1:8222", "https://nats.example.org")
    told = msgspec.structs.replace(SETTINGS.cluster, monitors=monitors)
    settings = msgspec.structs.replace(SETTINGS, cluster=told)

    assert open_node(tmp_path, settings)._monitors == monitors


def test_several_servers_come_from_the_environment_with_commas_between() -> None:
    text = "nats://a:1, tls://u:p@b:2"

    settings = Source(environment={"PYCHAT_CLUSTER_SERVERS": text}).read()

    assert settings.cluster.servers == ("nats://a:1", "tls://u:p@b:2")
