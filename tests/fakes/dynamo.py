"""moto's DynamoDB for several threads: it looks and writes in two steps, which others may come between."""

import threading
from typing import Any

_RETRIED = ("get_item", "put_item", "update_item", "query", "transact_write_items")


class OneAtATime:
    """A client whose calls wait for each other, as AWS' writes of one item do."""

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, threading.RLock()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)
        if name not in _RETRIED:
            return call

        def guarded(**request: Any) -> Any:
            with self._lock:
                return call(**request)

        return guarded
