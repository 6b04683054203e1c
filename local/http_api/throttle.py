"""Throttling of routes: a token bucket, as API Gateway describes its own."""

import threading
from dataclasses import dataclass


@dataclass
class Bucket:
    """Holds `burst` tokens and gets `rate` new ones a second."""

    burst: float
    rate: float
    tokens: float
    at: float


class Throttle:
    """The buckets of one stage's routes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, Bucket] = {}

    def allows(self, route_key: str, burst: float, rate: float, now: float) -> bool:
        """Take a token for a request, if there is one."""
        with self._lock:
            bucket = self._buckets.get(route_key)
            if bucket is None or (bucket.burst, bucket.rate) != (burst, rate):
                bucket = self._buckets[route_key] = Bucket(burst, rate, burst, now)
            bucket.tokens = min(burst, bucket.tokens + rate * max(0.0, now - bucket.at))
            bucket.at = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True
