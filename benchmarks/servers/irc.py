"""InspIRCd and ngIRCd, with the limits of one client out of the way."""

import getpass
from pathlib import Path

from benchmarks.servers.base import Server, find

CLIENTS = 20_000

_INSPIRCD = """\
<config format="xml">
<server name="bench.example" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.example">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="60" pingfreq="3600" hardsendq="256M" softsendq="64M" recvq="1M"
  threshold="1000000" commandrate="1000000000" fakelag="no" localmax="{clients}"
  globalmax="{clients}" maxconnwarn="no" limit="{clients}" maxchans="100" useident="no"
  resolvehostnames="no" uniqueusername="no">
<performance softlimit="{clients}" somaxconn="4096" clonesonconnect="no">
<dns server="127.0.0.1" timeout="1">
<pid file="{folder}/inspircd.pid">
<log method="file" type="*" level="default" target="{folder}/inspircd.log">
"""

_NGIRCD = """\
[Global]
Name = bench.example
AdminInfo1 = bench
AdminEMail = bench@bench.example
Info = bench
Listen = 127.0.0.1
Ports = {port}
MotdPhrase = bench
ServerUID = {user}
PidFile = {folder}/ngircd.pid
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local7
"""


class InspIRCd(Server):
    """It lets people in once a second, all who have come; so many have to come at once."""

    name = "inspircd"
    protocol = "irc"
    at_once = 2_000
    programs = ("inspircd",)
    hint = "apt install inspircd"

    def command(self, port: int, folder: Path) -> list[str]:
        file = folder / "inspircd.conf"
        file.write_text(_INSPIRCD.format(port=port, folder=folder, clients=CLIENTS))
        program = find("inspircd") or "inspircd"
        return [program, "--config", str(file), "--nofork", "--runasroot"]


class NgIRCd(Server):
    """Its backlog is 10, and a connection that does not fit tries again after a second."""

    name = "ngircd"
    protocol = "irc"
    at_once = 8
    programs = ("ngircd",)
    hint = "apt install ngircd"

    def command(self, port: int, folder: Path) -> list[str]:
        file = folder / "ngircd.conf"
        file.write_text(_NGIRCD.format(port=port, folder=folder, user=getpass.getuser()))
        return [find("ngircd") or "ngircd", "--nodaemon", "--config", str(file)]
