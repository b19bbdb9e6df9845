"""Settings that are read anew while the Hall is open: the old ones hold if the new ones are bad."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from pychat.server.settings.applying import changes, without
from pychat.server.settings.reading import ConfigError, Source
from pychat.server.settings.schema import Settings

Renewal = Callable[[], str | None]
"""Something else that is read anew, such as a certificate. Gives a sentence of what is wrong, where
what was before still holds."""


class Outcome(NamedTuple):
    changed: list[str]
    """Settings by their keys."""
    later: list[str]
    """What changes when the Hall is opened the next time."""
    faults: list[str]
    """What is wrong, and so left as it was; sentences."""


class Report(Protocol):
    def reloaded(self, changed: list[str], later: list[str], faults: list[str]) -> None: ...


class Reloading:
    def __init__(
        self,
        source: Source,
        settings: Settings,
        apply: Callable[[Settings], None],
        report: Report,
        renewals: tuple[Renewal, ...] = (),
    ) -> None:
        """`settings` are those that hold; `apply` makes others hold."""
        self._source = source
        self._settings = settings
        self._apply = apply
        self._report = report
        self._renewals = renewals

    def reload(self) -> Outcome:
        outcome = self._reload()
        self._report.reloaded(*outcome)
        return outcome

    def _reload(self) -> Outcome:
        faults = [fault for fault in (renew() for renew in self._renewals) if fault is not None]
        try:
            read = self._source.read()
        except ConfigError as fault:
            return Outcome([], [], [*faults, *fault.faults])
        changed = changes(self._settings, read)
        later = [change for change in changed if change.option.needs_restart]
        at_once = [change.option.key for change in changed if change not in later]
        if at_once:
            self._settings = without(read, later)
            self._apply(self._settings)
        return Outcome(at_once, [change.option.key for change in later], faults)
