"""Which of an endpoint's fleets answers: one, or two while traffic is shifted."""

import random
import threading
from typing import NamedTuple

from local.protocol import AwsError
from local.sagemaker.records import Record
from local.sagemaker.serving import Fleet, Variant


class Route(NamedTuple):
    """Where the next call goes."""

    variant: Variant
    config: str
    """The name of the configuration under which it serves."""
    capture: Record | None
    """The data capture settings of that configuration, if it captures."""


class _Shared(NamedTuple):
    """The fleet that serves, and the new one with its share of the traffic."""

    fleet: Fleet
    new: Fleet | None = None
    share: float = 0.0


class Traffic:
    """All endpoints' fleets. Safe to use from any thread."""

    def __init__(self) -> None:
        self._shared: dict[str, _Shared] = {}
        self._lock = threading.Lock()
        self._closed = False

    def serve(self, name: str, fleet: Fleet) -> bool:
        """Send all of the endpoint's traffic to the fleet; False when nothing may be served any more."""
        return self._put(name, _Shared(fleet))

    def share(self, name: str, new: Fleet, share: float) -> bool:
        """Send a share of the endpoint's traffic to another fleet than the one that serves."""
        with self._lock:
            found = self._shared.get(name)
        return found is not None and self._put(name, _Shared(found.fleet, new, share))

    def withdraw(self, name: str) -> None:
        """Send all traffic back to the fleet that served."""
        with self._lock:
            found = self._shared.get(name)
            if found is not None:
                self._shared[name] = _Shared(found.fleet)

    def remove(self, name: str) -> Fleet | None:
        with self._lock:
            found = self._shared.pop(name, None)
        return found.fleet if found else None

    def serving(self, name: str) -> Fleet | None:
        with self._lock:
            found = self._shared.get(name)
        return found.fleet if found else None

    def fleets(self) -> list[Fleet]:
        """All that run, old and new."""
        with self._lock:
            shared = list(self._shared.values())
        return [fleet for one in shared for fleet in (one.fleet, one.new) if fleet is not None]

    def close(self) -> list[Fleet]:
        """Serve nothing any more; what served until now."""
        running = self.fleets()
        with self._lock:
            self._closed = True
            self._shared.clear()
        return running

    def route(self, name: str, wanted: str | None = None) -> Route | None:
        """Who answers the next call, by share, weight or the variant's name; None when the endpoint does not serve."""
        with self._lock:
            found = self._shared.get(name)
        if found is None:
            return None
        takes_new = found.new is not None and random.random() < found.share  # noqa: S311
        fleet = found.new if takes_new and found.new else found.fleet
        settings: Record = fleet.config.get("DataCaptureConfig", {})
        variant = _variant(name, fleet, wanted)
        return Route(variant, fleet.config["EndpointConfigName"], settings if settings.get("EnableCapture") else None)

    def _put(self, name: str, shared: _Shared) -> bool:
        with self._lock:
            if self._closed:
                return False
            self._shared[name] = shared
            return True


def _variant(name: str, fleet: Fleet, wanted: str | None) -> Variant:
    variants = [variant for variant in fleet.variants if wanted is None or variant.name == wanted]
    if not variants:
        raise AwsError("ValidationError", f"Variant {wanted} not found for endpoint {name}.")
    if len(variants) == 1:
        return variants[0]
    return random.choices(variants, [variant.weight for variant in variants])[0]  # noqa: S311
