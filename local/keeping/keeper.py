"""Writes down what has changed since it last looked, twice a second."""

import hashlib
import logging
import threading
import time
from collections.abc import Sequence

from local.keeping.shelf import Change, Shelf
from local.keeping.store import Store

logger = logging.getLogger(__name__)

_EVERY_SECONDS = 0.5
_SHARE = 10
"""Of a processor's time at most one tenth goes into this, however large the state is..."""
_MOST_SECONDS = 5.0
"""...but for a look each five seconds."""


class Keeper:
    """Keeps the stores' entries on the shelf from `start` to `stop`.

    Stores are taken one after the other, in their order: who refers to others comes before them, so that what an
    entry names was there when it was written down. One transaction holds all that a look found.
    """

    def __init__(self, shelf: Shelf, stores: Sequence[Store]) -> None:
        self._shelf = shelf
        self._stores = stores
        self._digests: dict[str, dict[str, bytes]] = {store.name: {} for store in stores}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def put_back(self) -> bool:
        """Give every store what the shelf has of it; whether there was anything. LocalError where it is unreadable."""
        kept = self._shelf.read()
        for store in self._stores:
            entries = kept.get(store.name, {})
            self._digests[store.name] = {key: _digest(entry) for key, entry in entries.items()}
            if entries:
                store.put_back(entries)
        for store in self._stores:
            store.settle()
        return bool(kept)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write down the end of it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def keep(self) -> None:
        """Write down what has changed."""
        changes = []
        for store in self._stores:
            entries = store.take()
            before = self._digests[store.name]
            now = {key: _digest(entry) for key, entry in entries.items()}
            written = {key: entry for key, entry in entries.items() if before.get(key) != now[key]}
            removed = before.keys() - now.keys()
            if written or removed:
                changes.append(Change(store.name, written, removed))
            self._digests[store.name] = now
        if changes:
            self._shelf.write(changes)
        for store in self._stores:
            store.written()

    def _run(self) -> None:
        took = 0.0
        while not self._stopped.wait(min(max(_EVERY_SECONDS, took * _SHARE), _MOST_SECONDS)):
            took = self._attempt()
        self._attempt()

    def _attempt(self) -> float:
        began = time.thread_time()
        try:
            self.keep()
        except Exception:
            # What was not written is new again at the next look.
            logger.exception("the state of the local run could not be kept")
            self._digests = {store.name: dict.fromkeys(self._digests[store.name], b"") for store in self._stores}
        return time.thread_time() - began


def _digest(entry: bytes) -> bytes:
    return hashlib.blake2b(entry, digest_size=16).digest()
