"""Which rows are judged: the same ones for all candidates, and in every run of the same data."""

import hashlib
from collections.abc import Iterable


def sampled(rows: Iterable[str], count: int | None) -> list[str]:
    """So many of the ids, in the order in which they came; all where `count` is None.

    Chosen by their hashes: neither a row's place nor the rows beside it decide, so a smaller sample is part of a
    larger one, and verdicts are used again.
    """
    ids = list(rows)
    if count is None or count >= len(ids):
        return ids
    chosen = set(sorted(ids, key=lambda name: hashlib.sha256(f"judged {name}".encode()).digest())[:count])
    return [name for name in ids if name in chosen]
