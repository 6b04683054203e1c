"""A profile is the same whatever the sharding."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fmops.monitoring.models import Exchange
from fmops.monitoring.profile import FEATURES, GROUPS, merge, profile, sample

EXCHANGES = st.lists(st.builds(Exchange, st.uuids().map(str), st.text(max_size=60), st.text(max_size=60)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(EXCHANGES, st.integers(0, 25), st.integers(0, 25))
def test_merging_parts_equals_the_single_pass(found: list[Exchange], first: int, second: int) -> None:
    cuts = sorted((first, second))
    parts = [profile(found[: cuts[0]]), profile(found[cuts[0] : cuts[1]]), profile(found[cuts[1] :])]

    whole = profile(found)

    assert merge(parts) == whole
    assert merge([parts[0], merge(parts[1:])]) == merge([merge(parts[:2]), parts[2]])


@settings(max_examples=40, deadline=None)
@given(EXCHANGES, st.integers(0, 25), st.integers(1, 10))
def test_the_first_of_the_shards_samples_are_the_sample_of_all(found: list[Exchange], cut: int, size: int) -> None:
    merged = sorted(sample(found[:cut], size) + sample(found[cut:], size), key=lambda row: row.order)[:size]

    assert merged == sample(found, size)


def test_each_record_is_counted_once_in_each_length() -> None:
    made = profile(Exchange(str(n), "one two three " * n, "answer") for n in range(200))

    for feature in ("prompt_words", "answer_words"):
        groups = made.counts[feature]
        assert (len(groups), len(groups[0])) == (GROUPS, FEATURES[feature])
        assert sum(map(sum, groups)) == made.records == 200
