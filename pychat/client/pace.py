"""When I may say the next thing in a slow room: for whoever shows it. The Hall decides."""

from typing import TYPE_CHECKING

from pychat.protocol import commands, replies

if TYPE_CHECKING:
    from pychat.client.mirror import Mirror


def spoke(mirror: "Mirror", command: commands.AnyCommand | None, now: float) -> None:
    """The Hall has taken something that I said."""
    if not isinstance(command, commands.Send):
        return
    view = mirror.room(command.room)
    if view is None or not view.settings.slow or mirror.role == "operator":
        return
    me = view.members.get(mirror.name)
    if me is None or me.role == "member":
        view.quiet_until = now + view.settings.slow


def refused(
    mirror: "Mirror", command: commands.AnyCommand | None, error: replies.Error, now: float
) -> None:
    if not isinstance(command, commands.Send) or error.code != "rate-limited":
        return
    view = mirror.room(command.room)
    if view is not None and view.settings.slow:
        view.quiet_until = now + (error.retry_after or 0) / 1000
