"""From votes for a side to what people say of a candidate."""

from itertools import product

import pytest

from fmops.evaluation.reviews.models import Ballot, BallotStatus, Choice, Item, Pair, Preference, Settled, Sheet, Vote
from fmops.evaluation.reviews.tallying import preference, sides, tally

PAIR = Pair(candidate="new", rival="old")


def sheet(items: int = 4, same: int = 0) -> Sheet:
    made = [
        Item(id=f"i{n}", row=f"r{n}", pair=PAIR, question="?", answer="new", rival_answer="old") for n in range(items)
    ]
    ids = [item.id for item in made]
    return Sheet(
        run_id="run-1",
        use_case="trivia",
        seed="seed",
        pairs=[PAIR],
        sampled=items + same,
        items=made,
        settled=[Settled(row=f"s{n}", pair=PAIR) for n in range(same)],
        assigned={"ann": ids, "bob": ids},
    )


def ballot(given: Sheet, reviewer: str, said: dict[str, Preference | Choice]) -> Ballot:
    """A ballot that says this of the candidate, wherever it stood."""
    left = sides(given, reviewer)

    def choice(item: str, meant: Preference | Choice) -> Choice:
        if isinstance(meant, Choice):
            return meant
        return Choice.LEFT if (meant is Preference.WIN) == left[item] else Choice.RIGHT

    votes = {item: Vote(choice=choice(item, meant), at="2026-11-24T00:00:00Z") for item, meant in said.items()}
    return Ballot(reviewer=reviewer, status=BallotStatus.SENT, votes=votes)


@pytest.mark.parametrize(
    ("choice", "candidate_left", "expected"),
    [
        (Choice.LEFT, True, Preference.WIN),
        (Choice.LEFT, False, Preference.LOSS),
        (Choice.RIGHT, True, Preference.LOSS),
        (Choice.RIGHT, False, Preference.WIN),
        *(
            (choice, left, Preference.TIE)
            for choice, left in product((Choice.BOTH_GOOD, Choice.BOTH_BAD), (True, False))
        ),
    ],
)
def test_what_a_choice_means_depends_on_the_side(choice: Choice, candidate_left: bool, expected: Preference) -> None:
    assert preference(choice, candidate_left=candidate_left) is expected


def test_a_row_scores_the_mean_of_its_votes_between_minus_one_and_one() -> None:
    given = sheet()
    win, loss = Preference.WIN, Preference.LOSS
    ballots = [
        ballot(given, "ann", {"i0": win, "i1": win, "i2": loss, "i3": Choice.BOTH_BAD}),
        ballot(given, "bob", {"i0": win, "i1": loss, "i2": Choice.BOTH_GOOD}),
    ]

    found = tally(given, ballots, invited=3)

    (pair,) = found.pairs
    assert pair.scores == {"r0": 1, "r1": 0, "r2": -0.5, "r3": 0}
    assert (pair.wins, pair.losses, pair.both_good, pair.both_bad) == (3, 2, 1, 1)
    assert (found.agreement.items, found.agreement.votes) == (3, 6)
    assert found.agreement.share == pytest.approx(1 / 3)


def test_a_row_without_a_vote_has_no_score() -> None:
    given = sheet()

    (pair,) = tally(given, [ballot(given, "ann", {"i0": Preference.WIN})], invited=2).pairs

    assert pair.scores == {"r0": 1}
    assert (pair.judged, pair.asked, pair.sampled) == (1, 4, 4)


@pytest.mark.parametrize(("judged", "ties"), [(0, 0), (1, 2), (2, 4), (4, 8)])
def test_rows_with_the_same_answers_count_in_proportion_to_those_that_were_judged(judged: int, ties: int) -> None:
    given = sheet(items=4, same=8)

    votes = {f"i{n}": Preference.WIN for n in range(judged)}
    (pair,) = tally(given, [ballot(given, "ann", dict(votes))], invited=2).pairs

    assert sum(score == 0 for score in pair.scores.values()) == ties


def test_a_liking_for_one_side_is_nobodys_advantage() -> None:
    given = sheet(items=40)
    ballots = [ballot(given, who, {f"i{n}": Choice.LEFT for n in range(40)}) for who in ("ann", "bob")]

    (pair,) = tally(given, ballots, invited=2).pairs

    assert (pair.wins, pair.losses) == (40, 40)
