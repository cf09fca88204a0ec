"""User code that stays alive from datum to datum (datum batching)."""

from __future__ import annotations

from harness.pachd.workers.child import words
from harness.pachd.workers.child.program import OverrunError, StartError
from harness.pachd.workers.child.pump import Live

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.pachd.workers.child.channel import Channel
    from harness.pachd.workers.child.program import Program
    from harness.pachd.workers.child.pump import Pump


class Batch:
    """The program of one batch, started when its first datum comes, and again after each that failed.

    Between two datums it waits for the answer to its call of NextDatum.
    """

    def __init__(self, number: int, channel: Channel) -> None:
        self.number = number
        self._channel = channel
        self._live: Live | None = None
        self._pump: Pump | None = None

    @property
    def lives(self) -> bool:
        """Whether there is a program that waits for its next datum."""
        return self._live is not None

    def run(self, pump: Pump, start: Callable[[], Program], env: dict[str, str], seconds: float | None) -> str:
        """Give the program the datum that is in ``/pfs``, and wait until it asks for the next one: the datum's error.

        ``seconds`` count from the moment that the program has the datum: loading a model is nobody's datum. Raises
        Cancelled and ServerGone; then, and after an error, there is no program any more.
        """
        self._pump = pump
        error = "cancelled"
        try:
            error = self._run(pump, start, env, seconds)
        except (StartError, OverrunError) as failure:
            error = str(failure)
        finally:
            if error:
                self.end()
        return error

    def end(self) -> None:
        """Kill the program, if there is one."""
        live, self._live = self._live, None
        if live is not None and self._pump is not None:
            self._pump.end(live)

    def _run(self, pump: Pump, start: Callable[[], Program], env: dict[str, str], seconds: float | None) -> str:
        if self._live is not None and self._live.program.ended():
            self.end()
        if self._live is None:
            self._live = Live(start())
            status = pump.follow(self._live)
            if status is not None:
                return words.exited_early(status)
            pump.told()  # there was no datum
        pump.allow(seconds)
        self._channel.send(given=[f"{name}={value}" for name, value in env.items()])
        status = pump.follow(self._live)
        return words.exited_early(status) if status is not None else pump.told()
