"""A mergeable profile of exchanges: the same sums whatever the sharding. Rules without I/O."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from typing import Self

from fmops.core.models import Ours
from fmops.monitoring.models import Exchange
from fmops.text.words import BUCKETS, bucket, words

GROUPS = 16
"""As many as `statistics.drift` leaves out one at a time."""
# Upper ends of the bins of lengths in words, each about a third wider than the last.
_ENDS = (1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 48, 64, 86, 115, 154, 205, 274, 365, 487, 650)

FEATURES: dict[str, int] = {
    "prompt_words": len(_ENDS) + 1,
    "answer_words": len(_ENDS) + 1,
    "prompt_vocabulary": BUCKETS,
    "answer_vocabulary": BUCKETS,
}
"""Each feature's number of bins."""


class Sampled(Ours):
    """An exchange with its place in a random order that depends on its event alone."""

    order: str
    id: str
    input: str
    answer: str


class Profile(Ours):
    """Counts over groups and bins, and the first few of the random order."""

    records: int
    unreadable: int
    counts: dict[str, list[list[int]]]
    """By feature: GROUPS rows of that feature's bins."""

    @classmethod
    def empty(cls) -> Self:
        return cls(
            records=0,
            unreadable=0,
            counts={name: [[0] * bins for _ in range(GROUPS)] for name, bins in FEATURES.items()},
        )


def order(event_id: str) -> str:
    """An event's place in the random order: who sorts by it and takes the first ones has a random sample."""
    return hashlib.sha256(event_id.encode()).hexdigest()


def profile(exchanges: Iterable[Exchange], unreadable: int = 0) -> Profile:
    """The profile of these exchanges."""
    made, records = Profile.empty(), 0
    counts = made.counts
    for exchange in exchanges:
        records += 1
        group = int(order(exchange.event_id)[:8], 16) % GROUPS
        prompt, answer = words(exchange.prompt), words(exchange.answer)
        counts["prompt_words"][group][bisect_right(_ENDS, len(prompt))] += 1
        counts["answer_words"][group][bisect_right(_ENDS, len(answer))] += 1
        for word in prompt:
            counts["prompt_vocabulary"][group][bucket(word)] += 1
        for word in answer:
            counts["answer_vocabulary"][group][bucket(word)] += 1
    return Profile(records=records, unreadable=unreadable, counts=counts)


def merge(profiles: Iterable[Profile]) -> Profile:
    """The profile of all that these profiles are of."""
    whole, records, unreadable = Profile.empty(), 0, 0
    for part in profiles:
        records += part.records
        unreadable += part.unreadable
        for name, groups in part.counts.items():
            for total, group in zip(whole.counts[name], groups, strict=True):
                total[:] = [a + b for a, b in zip(total, group, strict=True)]
    return Profile(records=records, unreadable=unreadable, counts=whole.counts)


def sample(exchanges: Iterable[Exchange], size: int) -> list[Sampled]:
    """The first `size` exchanges of the random order. Samples of shards merge by taking the first of all."""
    found = [Sampled(order=order(e.event_id), id=e.event_id, input=e.prompt, answer=e.answer) for e in exchanges]
    return sorted(found, key=lambda one: one.order)[:size]
