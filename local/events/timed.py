"""What EventBridge, Scheduler and CloudWatch's alarms share: something to deliver, and times at which it is due."""

from local.events.delivery import Counts, Dispatcher
from local.events.ticker import Ticker


class Timed:
    """A part with a dispatcher of its deliveries and a ticker of its times; both run between `start` and `stop`."""

    _dispatcher: Dispatcher
    _ticker: Ticker

    def start(self) -> None:
        self._dispatcher.start()
        self._ticker.start()

    def stop(self) -> None:
        self._ticker.stop()
        self._dispatcher.stop()

    @property
    def counts(self) -> Counts:
        """Deliveries since the start: delivered, buried in dead-letter queues, lost."""
        return self._dispatcher.counts

    @property
    def in_flight(self) -> int:
        """Deliveries being made right now."""
        return self._dispatcher.in_flight

    def drain(self, timeout: float, *, retries: bool = True) -> bool:
        """Wait (real seconds) until nothing is in flight; `retries`: nor waits to be delivered again."""
        return self._dispatcher.drain(timeout, retries=retries)
