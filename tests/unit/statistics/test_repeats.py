"""Copies are counted by a sample that is the same whatever the sharding."""

import itertools

import numpy as np
import pytest

from fmops.statistics.repeats import KEPT, NOTHING, Hashes, Repeats, Watch, different, together


def watched(hashes: Hashes, pieces: int = 7) -> Repeats:
    watch = Watch()
    for piece in np.array_split(hashes, pieces):
        watch.add(piece)
    return watch.found


def events(many: int, seed: int = 1) -> Hashes:
    return np.random.default_rng(seed).integers(0, 2**64, many, dtype=np.uint64)


def same(one: Repeats, other: Repeats) -> bool:
    return all(map(np.array_equal, one, other))


def test_parts_that_share_events_give_the_single_pass_in_any_order() -> None:
    once = events(30_000)
    stream = np.concatenate((once, once[:5000], once[:700]))
    np.random.default_rng(2).shuffle(stream)
    parts = [watched(part) for part in np.array_split(stream, 3)]

    whole = watched(stream, 50)

    assert all(same(together(order), whole) for order in itertools.permutations(parts))
    assert same(together([parts[0], together(parts[1:])]), together([together(parts[:2]), parts[2]]))
    assert len(whole.hashes) == KEPT
    assert set(whole.counts.tolist()) == {1, 2, 3}


def test_few_events_and_events_without_copies_are_counted_exactly() -> None:
    few, many = events(KEPT - 1), events(50_000)

    assert different(watched(np.concatenate((few, few))), 2 * len(few)) == len(few)
    assert different(watched(many), len(many)) == len(many)
    assert different(NOTHING, 0) == 0


@pytest.mark.parametrize("share", [0.01, 0.1, 1.0])
def test_the_estimate_is_as_close_as_it_says(share: float) -> None:
    size, misses = 20_000, []
    for seed in range(40):
        once = events(size, seed)
        stream = np.concatenate((once, once[: round(size * share)]))
        misses.append(different(watched(stream, 1), len(stream)) / size - 1)

    # Of a share p that comes twice: √(p(1 - p)) / ((1 + p)√KEPT), less what a fifth of all in the sample saves.
    stated = np.sqrt(share * (1 - share)) / ((1 + share) * np.sqrt(KEPT))
    assert np.sqrt(np.mean(np.square(misses))) <= 1.2 * stated
    assert abs(np.mean(misses)) <= 3 * stated / np.sqrt(40)
