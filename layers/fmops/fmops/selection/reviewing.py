"""What a report shows of people's review."""

from collections.abc import Mapping

import numpy as np

from fmops.evaluation.reviews.models import Judgement, PairCounts, PairResult, ReviewResult
from fmops.selection.details import PeopleReview, ReviewComment, ReviewedPair, Span
from fmops.statistics.choosing import Column, estimates
from fmops.statistics.estimates import TAIL

MOST_COMMENTS = 40


def shown(found: ReviewResult, groups: Mapping[str, str] | None = None) -> PeopleReview:
    """The review as the page shows it. `groups` names the group of rows by their ids, as the comparison has them."""
    commented = [judged for judged in found.judgements if judged.comment]
    return PeopleReview(
        invited=found.invited,
        reviewers=found.reviewers,
        voted=found.voted,
        sent=found.sent,
        votes=len(found.judgements),
        reason=found.reason,
        alpha=found.agreement.alpha,
        share=found.agreement.share,
        items=found.agreement.items,
        pairs=[_pair(pair, groups or {}) for pair in found.pairs],
        comments=[_comment(judged) for judged in commented[:MOST_COMMENTS]],
        comments_left_out=max(0, len(commented) - MOST_COMMENTS),
    )


def _pair(found: PairResult, groups: Mapping[str, str]) -> ReviewedPair:
    return ReviewedPair(
        **found.model_dump(include=set(PairCounts.model_fields)),
        candidate=found.pair.candidate,
        rival=found.pair.rival,
        preference=preference(found.scores, groups),
    )


def preference(scores: Mapping[str, float], groups: Mapping[str, str]) -> Span:
    """The mean of the rows' scores with its interval, none where too few rows say nothing.

    Each row is one item, however many people judged it: the interval is about other rows, judged by the same people.
    """
    if not scores:
        return Span(value=None)
    rows = sorted(scores)
    values = np.array([scores[row] for row in rows])
    numbered = None
    if any(row in groups for row in rows):
        names: dict[tuple[bool, str], int] = {}
        numbered = np.array([names.setdefault((row in groups, groups.get(row, row)), len(names)) for row in rows])
    found = estimates({"": Column(values, -1, 1)}, numbered).estimates[""]
    if found is None:
        return Span(value=float(values.mean()))
    return Span(value=found.value, low=found.low(TAIL), high=found.high(TAIL))


def _comment(judged: Judgement) -> ReviewComment:
    pair = judged.pair
    return ReviewComment(
        row=judged.row,
        reviewer=judged.reviewer,
        candidate=pair.candidate,
        rival=pair.rival,
        said=judged.preference.value,
        left=pair.candidate if judged.shown_left == "candidate" else pair.rival,
        text=judged.comment,
    )
