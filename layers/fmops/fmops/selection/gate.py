"""The gate: what the leader must meet to be promoted. It fails closed: what can't be told never passes."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from fmops.selection import wording
from fmops.selection.findings import UTILITY, Finding
from fmops.selection.models import Against, CandidateResult, Check, Decision, Difference, GateCheck, Verdict
from fmops.selection.scores import Judged, lower_is_better
from fmops.statistics.estimates import TAIL
from fmops.statistics.multiplicity import holm
from fmops.usecases.metrics import HUMAN, METRICS
from fmops.usecases.models import MetricRule


class Bout(NamedTuple):
    """The leader and what it is compared with."""

    leader: CandidateResult
    other: CandidateResult | None
    against: Against
    levels: dict[str, Finding]
    differences: dict[str, Finding]
    """By metric, and the weighted whole under UTILITY; above 0 is better. Empty where there is nothing to beat."""
    challengers: int
    """How many the leader was picked from."""
    reviewed_against: str | None = None
    """Whom people compared it with."""


class Claim(NamedTuple):
    """A condition before it is known how it stands: how likely such data are if it were not met, and if it were."""

    what: Literal["limit", "guard", "improvement"]
    metric: str | None
    words: str
    outcomes: dict[Check, str]
    p_met: float
    p_broken: float
    tail: float
    difference: Difference | None = None


class Demands(NamedTuple):
    """What is asked of scores before they count."""

    min_rows: int
    judged: Judged | None = None
    min_reviewed: int = 1
    """How many rows people must have judged, where a rule asks for their verdict."""


def decide(bout: Bout, rules: list[MetricRule], demands: Demands, unheard: Sequence[MetricRule] = ()) -> Decision:
    """The verdict on the leader.

    Against a champion: every limit is kept, no metric is worse than the champion's by more than its margin, and the
    weighted whole is better. Without a champion: every limit is kept, and a fine-tuned leader is better than its
    untuned base; any other leader needs a limit on a metric that counts. `unheard` are rules on what a judge says
    that is not used: they can't be met. What people say guards with and without a champion.
    """
    claims = [*limits(bout, rules), *guards(bout, rules), *improvements(bout)]
    checks = [
        *without_judge(demands.judged, unheard),
        *completeness(bout, rules, demands),
        *settle(claims),
        *yardsticks(bout, rules),
    ]
    standing = {check.check for check in checks}
    if Check.FAILED in standing:
        verdict = Verdict.REJECT
    elif Check.CANNOT_TELL in standing:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.PROMOTE
    # What decided comes first, and each reason once: too few rows are too few for every metric.
    decisive = Check.FAILED if verdict is Verdict.REJECT else Check.CANNOT_TELL
    against = sorted(
        (check for check in checks if check.check is not Check.PASSED), key=lambda check: check.check is not decisive
    )
    told = against or [check for check in checks if check.what != "completeness"]
    reasons = list(dict.fromkeys(check.reason for check in told))
    other = bout.other.id if bout.other else None
    return Decision(
        verdict=verdict,
        sentence=wording.sentence(
            verdict, bout.leader.id, bout.other.id if bout.other else None, bout.against, reasons
        ),
        reasons=reasons,
        leader=bout.leader.id,
        winner=bout.leader.id if verdict is Verdict.PROMOTE else None,
        against=bout.against,
        compared_with=other,
        checks=checks,
    )


def nobody_to_judge(reasons: list[str]) -> Decision:
    """The decision where no candidate can be ranked."""
    return Decision(
        verdict=Verdict.INCONCLUSIVE,
        sentence="No candidate could be ranked.",
        reasons=reasons,
        leader=None,
        winner=None,
        against=Against.NOTHING,
        compared_with=None,
        checks=[],
    )


def settle(claims: Sequence[Claim]) -> list[GateCheck]:
    """How the claims stand.

    All must hold, so each is tested at its own tail: no correction makes passing every one of them safer. But one
    that fails is enough to reject, so failing is tested over all of them together (Holm).
    """
    return [
        _settled(claim, p_broken) for claim, p_broken in zip(claims, holm([c.p_broken for c in claims]), strict=True)
    ]


def _settled(claim: Claim, p_broken: float) -> GateCheck:
    check = Check.FAILED if p_broken <= TAIL else Check.CANNOT_TELL
    if claim.p_met <= claim.tail:
        check = Check.PASSED
    reason = f"{claim.words}: {claim.outcomes[check]}"
    return GateCheck(what=claim.what, metric=claim.metric, check=check, reason=reason, difference=claim.difference)


def without_judge(judged: Judged | None, unheard: Sequence[MetricRule]) -> list[GateCheck]:
    """A rule on what a judge says can't be met by a judge that is not used: dropping it would be another question."""
    if judged is None or not judged.why_not:
        return []
    reason = wording.without_judge(judged.why_not)
    return [GateCheck(what="judge", metric=rule.name, check=Check.CANNOT_TELL, reason=reason) for rule in unheard]


def completeness(bout: Bout, rules: list[MetricRule], demands: Demands) -> list[GateCheck]:
    """Every row has every score, and there are enough rows: for the leader and for what it is compared with.

    A judge's failed verdicts leave its metric's rows, up to the share that the use case allows. People see a sample,
    and what they did not judge in time is missing by chance: there the number of rows decides.
    """
    checks = [
        _complete(candidate, rule.name, demands)
        for candidate in (bout.leader, bout.other)
        if candidate is not None
        for rule in rules
        if rule.name != HUMAN
    ]
    return checks + [_reviewed(bout.leader, demands.min_reviewed) for rule in rules if rule.name == HUMAN]


def _reviewed(leader: CandidateResult, fewest: int) -> GateCheck:
    found = leader.metrics[HUMAN]
    check = Check.CANNOT_TELL
    if found.n == 0:
        reason = wording.unscored(leader.id, HUMAN)
    elif found.n < fewest:
        reason = (
            f"people judged {found.n} of {found.n + found.missing} sampled rows of {leader.id}; "
            f"the use case asks for {fewest}"
        )
    else:
        check, reason = (
            Check.PASSED,
            f"people judged {found.n} of {found.n + found.missing} sampled rows of {leader.id}",
        )
    return GateCheck(what="completeness", metric=HUMAN, check=check, reason=reason)


def _complete(candidate: CandidateResult, metric: str, demands: Demands) -> GateCheck:
    found = candidate.metrics[metric]
    rows = found.n + found.missing
    allowed = demands.judged.max_failed if demands.judged and METRICS[metric].judge else 0.0
    check = Check.CANNOT_TELL
    if found.n == 0:
        reason = wording.unscored(candidate.id, metric)
    elif found.missing > allowed * rows:
        more = f", and at most {allowed:.0%} may be" if allowed else ""
        reason = f"{metric} of {candidate.id} is missing on {found.missing} of {rows} rows{more}"
    elif found.n < demands.min_rows:
        reason = f"{found.n} rows are too few to tell; the use case asks for {demands.min_rows}"
    elif found.missing:
        check = Check.PASSED
        reason = f"{metric} of {candidate.id} has {found.n} of {rows} rows; at most {allowed:.0%} may be missing"
    else:
        check, reason = Check.PASSED, f"{metric} of {candidate.id} has all {found.n} rows"
    return GateCheck(what="completeness", metric=metric, check=check, reason=reason)


def limits(bout: Bout, rules: list[MetricRule]) -> list[Claim]:
    """The absolute limits of the use case."""
    return [_limit(bout, rule, rule.limit) for rule in rules if rule.limit is not None]


def _limit(bout: Bout, rule: MetricRule, limit: float) -> Claim:
    finding, most = bout.levels[rule.name], lower_is_better(rule.name)
    p_met, p_broken = _odds(finding, rule, limit)
    bound = f"the limit of {'at most' if most else 'at least'} {limit:g}"
    return Claim(
        "limit",
        rule.name,
        wording.level(rule.name, bout.leader.id, finding),
        {
            Check.PASSED: f"within {bound}",
            Check.FAILED: f"beyond {bound}",
            Check.CANNOT_TELL: f"not surely within {bound}" if finding.estimate else wording.too_few(finding),
        },
        p_met,
        p_broken,
        finding.tail,
    )


def surely_breaks(finding: Finding, rule: MetricRule) -> bool:
    """Whether a hard limit is broken without doubt."""
    if rule.limit is None:
        return False
    p_met, p_broken = _odds(finding, rule, rule.limit)
    return p_broken <= TAIL < p_met


def _odds(finding: Finding, rule: MetricRule, limit: float) -> tuple[float, float]:
    """How likely such data are if the limit were not kept, and if it were. What is not known is likely either way."""
    found = finding.estimate
    if found is None:
        return 1.0, 1.0
    above, below = found.p_above(limit), found.p_below(limit)
    return (below, above) if lower_is_better(rule.name) else (above, below)


def guards(bout: Bout, rules: list[MetricRule]) -> list[Claim]:
    """Non-inferiority: no metric is worse than the champion's by more than its margin.

    People were asked which answer is better, so their verdict guards whomever they compared with.
    """
    guarded = [rule for rule in rules if bout.against is Against.CHAMPION or rule.name == HUMAN]
    return [_guard(bout, bout.differences[rule.name], rule) for rule in guarded if rule.name in bout.differences]


def _guard(bout: Bout, finding: Finding, rule: MetricRule) -> Claim:
    found, gap = finding.estimate, finding.difference()
    worse = f"worse by more than {rule.margin:g}"
    words = wording.difference(rule.name, "is better than", "the champion's", gap)
    if rule.name == HUMAN:
        words = wording.preferred(bout.leader.id, bout.reviewed_against, gap)
    return Claim(
        "guard",
        rule.name,
        words,
        {
            Check.PASSED: f"not {worse}",
            Check.FAILED: worse,
            Check.CANNOT_TELL: f"may be {worse}{wording.detectable(gap)}" if found else wording.too_few(finding),
        },
        found.p_above(-rule.margin) if found else 1.0,
        found.p_below(-rule.margin) if found else 1.0,
        finding.tail,
        gap,
    )


def improvements(bout: Bout) -> list[Claim]:
    """The weighted whole is better than the champion's, or than the untuned base's."""
    if bout.other is None:
        return []
    finding = bout.differences[UTILITY]
    found, gap = finding.estimate, finding.difference()
    words = wording.difference("the weighted score", "differs from", f"that of {bout.other.id}", gap)
    unsure = f"not surely better{wording.detectable(gap)}" if found else wording.too_few(finding)
    return [
        Claim(
            "improvement",
            None,
            f"{words} on {finding.n} rows{wording.picked(finding, bout.challengers)}",
            {
                Check.PASSED: "better",
                Check.FAILED: "worse",
                Check.CANNOT_TELL: unsure,
            },
            found.p_above(0) if found else 1.0,
            found.p_below(0) if found else 1.0,
            finding.tail,
            gap,
        )
    ]


def yardsticks(bout: Bout, rules: list[MetricRule]) -> list[GateCheck]:
    """Something must have been there to measure by: a limit that only guards does not say what is good enough."""
    if bout.other or any(rule.limit is not None and rule.weight for rule in rules):
        return []
    reason = (
        "there is no champion, no untuned base and no limit on a metric with a weight to hold "
        f"{bout.leader.id} against: set a limit"
    )
    return [GateCheck(what="yardstick", metric=None, check=Check.CANNOT_TELL, reason=reason)]
