"""What the votes add up to: rules without I/O."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from fmops.core.ids import digest
from fmops.evaluation.reviews.models import (
    Agreed,
    Ballot,
    BallotStatus,
    Choice,
    Item,
    Judgement,
    Pair,
    PairResult,
    Preference,
    ReviewResult,
    Sheet,
)
from fmops.evaluation.reviews.sampling import on_the_left, shuffled
from fmops.statistics.agreement import agreement


def preference(choice: Choice, *, candidate_left: bool) -> Preference:
    """What a choice of a side means for the candidate. Both good and both bad are ties."""
    match choice:
        case Choice.LEFT:
            return Preference.WIN if candidate_left else Preference.LOSS
        case Choice.RIGHT:
            return Preference.LOSS if candidate_left else Preference.WIN
        case Choice.BOTH_GOOD | Choice.BOTH_BAD:
            return Preference.TIE


def sides(sheet: Sheet, reviewer: str) -> dict[str, bool]:
    """Whether the candidate's answer stands left, by the item, for one reviewer."""
    return on_the_left(
        {item: sheet.item(item).pair.candidate for item in sheet.assigned[reviewer]}, reviewer, sheet.seed
    )


def judgements(sheet: Sheet, ballots: Sequence[Ballot]) -> list[tuple[Item, Judgement]]:
    """Every vote with what it means, reviewer by reviewer."""
    found = []
    numbers = {reviewer: number for number, reviewer in enumerate(sheet.assigned, start=1)}
    for ballot in ballots:
        left = sides(sheet, ballot.reviewer)
        for item_id in sheet.assigned[ballot.reviewer]:
            vote = ballot.votes.get(item_id)
            if vote is None:
                continue
            item = sheet.item(item_id)
            judged = Judgement(
                reviewer=numbers[ballot.reviewer],
                row=item.row,
                pair=item.pair,
                preference=preference(vote.choice, candidate_left=left[item_id]),
                choice=vote.choice,
                shown_left="candidate" if left[item_id] else "rival",
                comment=vote.comment,
            )
            found.append((item, judged))
    return found


def tally(sheet: Sheet, ballots: Sequence[Ballot], invited: int) -> ReviewResult:
    """The result of these ballots, however many of their votes are given."""
    found = judgements(sheet, ballots)
    by_item: dict[str, list[Judgement]] = defaultdict(list)
    for item, judged in found:
        by_item[item.id].append(judged)
    # In the sheet's order: the votes of one item in a row.
    agreed = agreement([[judged.preference for judged in by_item[item.id]] for item in sheet.items])
    told = [judged for _, judged in found]
    return ReviewResult(
        run_id=sheet.run_id,
        reviewers=len(ballots),
        voted=sum(bool(ballot.votes) for ballot in ballots),
        sent=sum(ballot.status is BallotStatus.SENT for ballot in ballots),
        invited=invited,
        pairs=[_pair(sheet, pair, by_item) for pair in sheet.pairs],
        agreement=Agreed(alpha=agreed.alpha, share=agreed.share, items=agreed.units, votes=agreed.judgements),
        judgements=told,
        sheet_digest=digest(sheet.model_dump(mode="json")),
        votes_digest=digest([judged.model_dump(mode="json") for judged in told]),
    )


def nobody(run_id: str, invited: int, reason: str) -> ReviewResult:
    """The result of a review in which nobody could be asked."""
    return ReviewResult(
        run_id=run_id,
        reviewers=0,
        voted=0,
        sent=0,
        invited=invited,
        reason=reason,
        pairs=[],
        agreement=Agreed(alpha=None, share=None, items=0, votes=0),
        judgements=[],
        sheet_digest=None,
        votes_digest=digest([]),
    )


def _pair(sheet: Sheet, pair: Pair, by_item: Mapping[str, Sequence[Judgement]]) -> PairResult:
    items = [item for item in sheet.items if item.pair == pair]
    same = [settled.row for settled in sheet.settled if settled.pair == pair]
    votes = [vote for item in items for vote in by_item.get(item.id, ())]
    scores = {
        item.row: fmean(vote.preference.score for vote in given) for item in items if (given := by_item.get(item.id))
    }
    # All of them beside a few of the others would drown what people said.
    share = len(scores) / len(items) if items else 1.0
    ties = shuffled(same, sheet.seed, "ties", pair.candidate)[: round(share * len(same))]
    return PairResult(
        pair=pair,
        sampled=sheet.sampled,
        asked=len(items),
        judged=len(scores),
        same=len(same),
        wins=sum(vote.preference is Preference.WIN for vote in votes),
        losses=sum(vote.preference is Preference.LOSS for vote in votes),
        both_good=sum(vote.choice is Choice.BOTH_GOOD for vote in votes),
        both_bad=sum(vote.choice is Choice.BOTH_BAD for vote in votes),
        scores={**scores, **dict.fromkeys(ties, 0.0)},
    )
