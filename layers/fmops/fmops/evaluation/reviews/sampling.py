"""Which rows people see, who sees which, in what order and on which side: rules of a secret seed alone."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

MOST_PER_REVIEWER = 200


def sample(categories: Mapping[str, str | None], count: int, seed: str) -> list[str]:
    """`count` rows (or all), drawn from each category in proportion to its size; `categories` is by row id.

    Seats that do not divide go to the largest remainders. The same seed draws the same rows.
    """
    strata: dict[str | None, list[str]] = {}
    for row, category in categories.items():
        strata.setdefault(category, []).append(row)
    total = len(categories)
    wanted = min(count, total)
    quotas = {name: wanted * len(rows) / total for name, rows in strata.items()}
    seats = {name: int(quota) for name, quota in quotas.items()}
    remainders = sorted(strata, key=lambda name: (seats[name] - quotas[name], draw(seed, "stratum", name or "")))
    for name in remainders[: wanted - sum(seats.values())]:
        seats[name] += 1
    drawn = [row for name, rows in strata.items() for row in shuffled(rows, seed, "row")[: seats[name]]]
    return shuffled(drawn, seed, "order")


def assign(items: Sequence[str], reviewers: Sequence[str], overlap: int, seed: str) -> dict[str, list[str]]:
    """Each item to `overlap` reviewers (or to all there are), as evenly as it can be, each in an order of their own."""
    given: dict[str, list[str]] = {reviewer: [] for reviewer in reviewers}
    for item in items:
        # Who has least comes first; among equals chance decides, so that everybody meets everybody.
        by_load = sorted(reviewers, key=lambda who: (len(given[who]), draw(seed, "turn", item, who)))
        for reviewer in by_load[:overlap]:
            given[reviewer].append(item)
    return {reviewer: shuffled(mine, seed, "shown", reviewer) for reviewer, mine in given.items()}


def rows_that_fit(rows: int, pairs: int, reviewers: int, overlap: int) -> int:
    """How many of the rows are asked about, so that nobody gets more than MOST_PER_REVIEWER items."""
    most = MOST_PER_REVIEWER * reviewers // (min(overlap, reviewers) * pairs)
    return max(1, min(rows, most))


def on_the_left(items: Mapping[str, str], reviewer: str, seed: str) -> dict[str, bool]:
    """Whether the candidate's answer stands left, for each of a reviewer's items; `items` names each one's candidate.

    Each candidate stands on either side equally often for each reviewer, so that a liking for one side is nobody's
    advantage.
    """
    sides: dict[str, bool] = {}
    for candidate in sorted(set(items.values())):
        mine = shuffled([item for item, of in items.items() if of == candidate], seed, "side", reviewer)
        first = draw(seed, "first side", reviewer, candidate) < "8"
        sides |= {item: first == (place % 2 == 0) for place, item in enumerate(mine)}
    return sides


def shuffled(names: Sequence[str], seed: str, *purpose: str) -> list[str]:
    """The names in an order that the seed and the purpose decide."""
    return sorted(names, key=lambda name: draw(seed, *purpose, name))


def draw(seed: str, *parts: str) -> str:
    """64 hex digits that nobody can tell beforehand who does not know the seed."""
    return hmac.new(seed.encode(), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()
