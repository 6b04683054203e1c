"""Who sees what, and on which side: by chance, evenly, and the same for the same seed."""

from collections import Counter

import pytest

from fmops.evaluation.reviews.sampling import assign, on_the_left, rows_that_fit, sample

ROWS: dict[str, str | None] = {f"row-{n:03}": ("a" if n < 60 else "b" if n < 90 else None) for n in range(100)}
ITEMS = [f"item-{n}" for n in range(41)]
PEOPLE = ["ann", "bob", "eve", "joe"]


def test_a_sample_takes_from_each_category_in_proportion() -> None:
    drawn = sample(ROWS, 20, "seed")

    assert len(set(drawn)) == 20
    assert Counter(ROWS[row] for row in drawn) == {"a": 12, "b": 6, None: 2}


@pytest.mark.parametrize("count", [1, 7, 33, 99, 100, 500])
def test_a_sample_has_as_many_rows_as_were_asked_for(count: int) -> None:
    assert len(set(sample(ROWS, count, "seed"))) == min(count, 100)


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    assert sample(ROWS, 20, "seed") == sample(dict(reversed(ROWS.items())), 20, "seed")
    assert set(sample(ROWS, 20, "seed")) != set(sample(ROWS, 20, "other"))


def test_every_row_is_as_likely_as_any_other_of_its_category() -> None:
    drawn = Counter(row for seed in range(400) for row in sample(ROWS, 20, str(seed)))

    of_a = [drawn[row] for row, category in ROWS.items() if category == "a"]
    # 400 draws at 1/5: mean 80, standard deviation 8.
    assert (min(of_a) > 80 - 4 * 8, max(of_a) < 80 + 4 * 8) == (True, True)


@pytest.mark.parametrize("overlap", [1, 2, 3, 4])
def test_each_item_goes_to_as_many_people_as_asked_and_nobody_gets_much_more(overlap: int) -> None:
    given = assign(ITEMS, PEOPLE, overlap, "seed")

    assert Counter(item for items in given.values() for item in items) == dict.fromkeys(ITEMS, overlap)
    loads = [len(items) for items in given.values()]
    assert max(loads) - min(loads) <= 1


def test_everybody_shares_items_with_everybody() -> None:
    given = {who: set(items) for who, items in assign(ITEMS, PEOPLE, 2, "seed").items()}

    assert all(given[one] & given[other] for one in PEOPLE for other in PEOPLE)


def test_people_see_their_items_in_orders_of_their_own() -> None:
    given = assign(ITEMS, PEOPLE, 4, "seed")

    assert len({tuple(items) for items in given.values()}) == 4


def test_nobody_is_asked_for_more_than_200_items() -> None:
    assert rows_that_fit(200, 3, 2, 2) == 66
    assert rows_that_fit(40, 1, 2, 2) == 40
    assert rows_that_fit(200, 500, 1, 1) == 1


def test_each_candidate_stands_left_as_often_as_right_for_everybody() -> None:
    candidates = {item: ("x" if n < 21 else "y") for n, item in enumerate(ITEMS)}

    for person in PEOPLE:
        left = on_the_left(candidates, person, "seed")
        for candidate in ("x", "y"):
            sides = Counter(left[item] for item, of in candidates.items() if of == candidate)
            assert abs(sides[True] - sides[False]) <= 1


def test_sides_differ_between_people_and_between_seeds() -> None:
    candidates = dict.fromkeys(ITEMS, "x")
    sides = set()
    for who in PEOPLE:
        for seed in ("1", "2"):
            left = on_the_left(candidates, who, seed)
            sides.add(tuple(left[item] for item in ITEMS))

    assert len(sides) == 8


def test_a_side_is_a_coin_over_seeds() -> None:
    left = sum(on_the_left({"item": "x"}, "ann", str(seed))["item"] for seed in range(1000))

    assert 430 < left < 570
