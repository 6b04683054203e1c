"""Sketches merge exactly, and answer within their stated errors."""

import numpy as np
import pytest

from fmops.statistics import sketches
from fmops.text.scan import mixed


def hashes(numbers: range) -> sketches.Hashes:
    return mixed(np.arange(numbers.start, numbers.stop, dtype=np.uint64) + np.uint64(1))


@pytest.mark.parametrize("many", [0, 1, 100, 3_000, 200_000])
def test_distinct_values_are_counted_within_three_standard_errors(many: int) -> None:
    found = sketches.distinct(sketches.registers(hashes(range(many))))

    assert found == pytest.approx(many, rel=3 * 1.04 / 2048**0.5, abs=0.5)


def test_distinct_counts_merge_by_the_larger() -> None:
    first, second = hashes(range(5_000)), hashes(range(3_000, 9_000))

    merged = np.maximum(sketches.registers(first), sketches.registers(second))

    assert np.array_equal(merged, sketches.registers(np.concatenate((first, second))))


def test_frequent_values_are_found_with_their_shares() -> None:
    rare, often = hashes(range(20_000)), hashes(range(50_000, 50_005))
    counts = np.concatenate((np.ones(20_000, np.int64), np.array([5_000, 4_000, 3_000, 2_000, 1_000])))

    sketch = sketches.hitters(np.concatenate((rare, often)), counts)
    found = sketches.frequent(sketch, 5)

    assert [one.hash for one in found] == [int(value) >> 32 for value in often.tolist()]
    assert [one.share for one in found] == pytest.approx(
        [n / 35_000 for n in (5_000, 4_000, 3_000, 2_000, 1_000)], rel=0.1
    )


def test_frequencies_merge_by_addition() -> None:
    first, second = hashes(range(1_000)), hashes(range(500, 2_000))

    merged = sketches.hitters(first, np.full(1_000, 2)) + sketches.hitters(second, np.full(1_500, 3))
    both = sketches.hitters(np.concatenate((first, second)), np.repeat([2, 3], [1_000, 1_500]))

    assert np.array_equal(merged, both)


def test_quantiles_of_a_histogram() -> None:
    edges = (1.0, 2.0, 3.0, 4.0)

    assert sketches.quantile([0, 10, 10, 0, 0], edges, 0.5) == 2.0
    assert sketches.quantile([0, 10, 10, 0, 0], edges, 0.75) == 2.5
    assert sketches.quantile([5, 0, 0, 0, 0], edges, 0.9) == 1.0
    assert np.isnan(sketches.quantile([0, 0, 0, 0, 0], edges, 0.5))
