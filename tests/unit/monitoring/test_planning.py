"""Objects are dealt into batches of about one size, whatever their sizes are."""

from hypothesis import given
from hypothesis import strategies as st

from fmops.monitoring.models import CapturedObject
from fmops.monitoring.planning import MOST_OBJECTS, deal


def objects(sizes: list[int]) -> list[CapturedObject]:
    return [CapturedObject(bucket="b", key=f"{n:05}", size=size, etag=str(n)) for n, size in enumerate(sizes)]


@given(st.lists(st.integers(1, 100), max_size=60), st.integers(1, 400))
def test_every_object_is_in_the_plan_once(sizes: list[int], batch_bytes: int) -> None:
    found = objects(sizes)

    dealt, batch = deal(found, batch_bytes)

    assert sorted(dealt, key=lambda one: one.key) == found
    assert batch >= 1


def test_batches_have_about_one_size() -> None:
    dealt, batch = deal(objects([100] * 4 + [50] * 8 + [10] * 20), 250)

    sizes = [sum(one.size for one in dealt[begin : begin + batch]) for begin in range(0, len(dealt), batch)]
    assert len(sizes) == 4
    assert max(sizes) - min(sizes) <= 50


def test_a_batch_never_has_more_objects_than_a_child_can_be_told_of() -> None:
    _, batch = deal(objects([1] * (3 * MOST_OBJECTS + 1)))

    assert batch <= MOST_OBJECTS


def test_nothing_makes_no_batch() -> None:
    assert deal([]) == ([], 1)
