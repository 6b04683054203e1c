"""Whether users are surely less content than they were, or than a use case lets them be: rules without I/O."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from fmops.monitoring.feedback.models import Feedback, TenantVotes, Vote, VoteShare
from fmops.monitoring.findings import BUDGET_HOURS
from fmops.statistics.proportion import ExactShare
from fmops.usecases.watching import FeedbackRule, Monitoring

BASELINE_SPANS = 4
"""The baseline is of so many times as many days as the votes that count."""
_SHOWN_TAIL = 0.025
_TENANTS = 10


def span(rule: FeedbackRule, released_at: datetime, end: datetime) -> datetime:
    """From when on votes count for a window that ends at `end`. An earlier release's are its baseline."""
    return max(released_at, end - timedelta(days=rule.days))


def baseline_span(rule: FeedbackRule, since: datetime) -> datetime:
    """From when on the votes before `since` are the baseline."""
    return since - timedelta(days=BASELINE_SPANS * rule.days)


def judge_feedback(votes: Iterable[Vote], since: datetime, rule: Monitoring) -> Feedback | None:
    """What the votes say, whose baseline are those before `since`; None where nobody ever voted.

    Each window asks two questions, and its alarms' budget (`false_alarms` in 90 days of windows) is split between them:
    whether the share of thumbs down is surely above the use case's limit, and whether it is surely above the baseline's
    by more than its margin. For the second half of the error goes to either share's exact bound (Bonferroni), so that
    chance alarms no oftener, however few the votes. Windows share votes, which makes alarms by chance rarer still.
    """
    known = list(votes)
    if not known:
        return None
    ours = [vote for vote in known if vote.given_at >= since]
    theirs = [vote for vote in known if vote.given_at < since]
    how, tail = rule.feedback, _tail(rule)
    usual = _share(theirs) if len(theirs) >= how.min_votes else None
    reasons: list[str] = []
    if len(ours) >= how.min_votes:
        reasons = _worse(_exact(ours), _exact(theirs) if usual else None, how, tail)
    return Feedback(
        verdict="INSUFFICIENT_DATA" if len(ours) < how.min_votes else "ALARM" if reasons else "OK",
        votes=len(ours),
        down=_down(ours),
        texts=sum(vote.text_uri is not None for vote in ours),
        since=since,
        least=how.min_votes,
        now=_share(ours) if ours else None,
        baseline=usual,
        reasons=reasons,
        tenants=_tenants(ours),
    )


def _worse(ours: ExactShare, usual: ExactShare | None, rule: FeedbackRule, tail: float) -> list[str]:
    found = []
    shown = f"{ours.value:.1%} thumbs down [{ours.low(_SHOWN_TAIL):.1%}, {ours.high(_SHOWN_TAIL):.1%}]"
    if rule.limit is not None and ours.low(tail / 2) > rule.limit:
        found.append(f"{shown}; the limit is {rule.limit:.1%}")
    if usual and ours.low(tail / 4) > usual.high(tail / 4) + rule.margin:
        bounds = f"[{usual.low(_SHOWN_TAIL):.1%}, {usual.high(_SHOWN_TAIL):.1%}]"
        found.append(f"{shown}, before {usual.value:.1%} {bounds}; surely more than {rule.margin:.1%} worse")
    return found


def _tail(rule: Monitoring) -> float:
    """How often one window may alarm by chance."""
    return min(2 * _SHOWN_TAIL, rule.false_alarms * rule.window_hours / BUDGET_HOURS)


def _exact(votes: Sequence[Vote]) -> ExactShare:
    return ExactShare(_down(votes), len(votes))


def _share(votes: Sequence[Vote]) -> VoteShare:
    exact = _exact(votes)
    return VoteShare(
        share=exact.value,
        low=exact.low(_SHOWN_TAIL),
        high=exact.high(_SHOWN_TAIL),
        n=len(votes),
        down=_down(votes),
    )


def _down(votes: Iterable[Vote]) -> int:
    return sum(vote.thumb == "down" for vote in votes)


def _tenants(votes: Sequence[Vote]) -> list[TenantVotes]:
    counts = Counter(vote.tenant for vote in votes if vote.tenant)
    down = Counter(vote.tenant for vote in votes if vote.thumb == "down")
    most = sorted(counts, key=lambda tenant: (-counts[tenant], tenant))[:_TENANTS]
    return [TenantVotes(tenant=tenant, n=counts[tenant], down=down[tenant]) for tenant in most]
