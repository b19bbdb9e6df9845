"""`pychat grant`: who is an operator of a Hall."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from pychat.cli import exits
from pychat.cli.parameters import DataFolder, data_folder


def grant(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    revoke: Annotated[bool, typer.Option("--revoke", help="They are one no more.")] = False,
    data: DataFolder = None,
) -> None:
    """Make whoever owns a name an operator of the Hall, whether it is open or not.

    Example: pychat grant ada
    """
    from pychat.protocol.errors import Refused
    from pychat.protocol.names import check_name

    try:
        name = check_name(name)
    except Refused as refusal:
        exits.fail("grant", refusal, exits.USAGE)
    folder = data_folder(data)
    if _is_open(folder):
        from pychat.cli.console import ask

        ask(folder, "grant", command="grant", name=name, granted=not revoke)
    else:
        _write(folder, name, granted=not revoke)
    typer.echo(f"{name} is {'no operator' if revoke else 'an operator'} of the Hall now.")


def _is_open(folder: Path) -> bool:
    from pychat.server.backplane import lock

    try:
        return lock.holder(folder / "hall.db.lock") is not None
    except OSError:
        return False


def _write(folder: Path, name: str, *, granted: bool) -> None:
    import asyncio

    from pychat.server.backplane import lock
    from pychat.server.backplane.interface import LedgerError, RegistryError

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock.acquire(folder / "hall.db.lock")
        try:
            durable = asyncio.run(_enact(folder, name, granted=granted))
        finally:
            os.close(held)
    except (OSError, LedgerError, RegistryError) as fault:
        exits.fail("grant", fault, exits.FAILED)
    if not durable:
        exits.fail("grant", f"the disk of {folder} refuses to be written", exits.FAILED)


async def _enact(folder: Path, name: str, *, granted: bool) -> bool:
    """Whether it is durable. Raises RegistryError."""
    import asyncio

    from pychat.server import charter
    from pychat.server.backplane.interface import AuditLine
    from pychat.server.backplane.registry import SqliteRegistry

    registry = SqliteRegistry(folder / "people.db")
    registry.open()
    settled = asyncio.get_running_loop().create_future()
    act = "grant" if granted else "revoke"
    now = time.time_ns() // 1_000_000
    registry.audit(AuditLine(time=now, who="(shell)", act=act, whom=name))
    registry.put([charter.grant(name) if granted else charter.revoke(name)], settled.set_result)
    durable: bool = await settled
    await registry.close()
    return durable
