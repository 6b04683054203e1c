"""Waiting for what other threads and processes bring about."""

import time
from collections.abc import Callable
from typing import Any


def eventually(look: Callable[[], Any], seconds: float = 60.0, why: Callable[[], object] = lambda: "") -> Any:
    """What `look` says once it says something true; `why` adds to the message of a test that waited in vain.

    The default is as long as a busy machine may take, not as long as a test should.
    """
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"it did not happen within {seconds:.0f} s {why()}"
        time.sleep(0.02)
    return seen
