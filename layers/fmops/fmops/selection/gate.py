"""The gate: what the leader must meet to be promoted. It fails closed: what can't be told never passes."""

from typing import NamedTuple

from fmops.selection.models import Against, CandidateResult, Check, Decision, Difference, GateCheck, Verdict
from fmops.selection.scores import lower_is_better
from fmops.usecases.models import MetricRule


class Bout(NamedTuple):
    """The leader and what it is compared with."""

    leader: CandidateResult
    other: CandidateResult | None
    against: Against
    differences: dict[str, Difference]
    """By metric, above 0 is better."""
    utility: Difference | None


def decide(bout: Bout, rules: list[MetricRule], min_rows: int) -> Decision:
    """The verdict on the leader.

    Against a champion: every limit is kept, no metric is worse than the champion's by more than its margin, and the
    weighted whole is better. Without a champion: every limit is kept, and a fine-tuned leader is better than its
    untuned base; any other leader needs a limit on a metric that counts. Each must hold for the whole interval.
    """
    checks = [
        *completeness(bout, rules, min_rows),
        *limits(bout.leader, rules),
        *(guards(bout, rules) if bout.against is Against.CHAMPION else []),
        *([improvement(bout)] if bout.other else []),
        *yardsticks(bout, rules),
    ]
    standing = {check.check for check in checks}
    if Check.FAILED in standing:
        verdict = Verdict.REJECT
    elif Check.CANNOT_TELL in standing:
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = Verdict.PROMOTE
    against = [check.reason for check in checks if check.check is not Check.PASSED]
    reasons = [check.reason for check in checks if check.what != "completeness"]
    return Decision(
        verdict=verdict,
        sentence=_sentence(verdict, bout, against),
        reasons=reasons if verdict is Verdict.PROMOTE else against,
        leader=bout.leader.id,
        winner=bout.leader.id if verdict is Verdict.PROMOTE else None,
        against=bout.against,
        compared_with=bout.other.id if bout.other else None,
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


def completeness(bout: Bout, rules: list[MetricRule], min_rows: int) -> list[GateCheck]:
    """Every row has every score, and there are enough rows: for the leader and for what it is compared with."""
    return [
        _complete(candidate, rule.name, min_rows)
        for candidate in (bout.leader, bout.other)
        if candidate is not None
        for rule in rules
    ]


def _complete(candidate: CandidateResult, metric: str, min_rows: int) -> GateCheck:
    found = candidate.metrics[metric]
    if found.n == 0:
        reason = f"{metric} of {candidate.id} was not scored on any row"
    elif found.missing:
        reason = f"{metric} of {candidate.id} is missing on {found.missing} of {found.n + found.missing} rows"
    elif found.n < min_rows:
        reason = f"{found.n} rows are too few to tell; the use case asks for {min_rows}"
    else:
        return _check("completeness", metric, Check.PASSED, f"{metric} of {candidate.id} has all {found.n} rows")
    return _check("completeness", metric, Check.CANNOT_TELL, reason)


def limits(leader: CandidateResult, rules: list[MetricRule]) -> list[GateCheck]:
    """The absolute limits of the use case."""
    return [_limit(leader, rule, rule.limit) for rule in rules if rule.limit is not None]


def _limit(leader: CandidateResult, rule: MetricRule, limit: float) -> GateCheck:
    found = leader.metrics[rule.name]
    if found.value is None or found.low is None or found.high is None:
        return _check("limit", rule.name, Check.CANNOT_TELL, f"{rule.name} has no value to hold against its limit")
    most = lower_is_better(rule.name)
    kept = found.high <= limit if most else found.low >= limit
    broken = found.low > limit if most else found.high < limit
    words = f"{rule.name} of {leader.id} is {_interval(found.value, found.low, found.high)}"
    bound = f"the limit of {'at most' if most else 'at least'} {limit:g}"
    if kept:
        return _check("limit", rule.name, Check.PASSED, f"{words}: within {bound}")
    if broken:
        return _check("limit", rule.name, Check.FAILED, f"{words}: beyond {bound}")
    return _check("limit", rule.name, Check.CANNOT_TELL, f"{words}: not surely within {bound}")


def guards(bout: Bout, rules: list[MetricRule]) -> list[GateCheck]:
    """Non-inferiority: no metric is worse than the champion's by more than its margin."""
    return [_guard(bout, rule) for rule in rules]


def _guard(bout: Bout, rule: MetricRule) -> GateCheck:
    found = bout.differences[rule.name]
    if found.value is None or found.low is None or found.high is None:
        reason = f"{rule.name} can't be compared with the champion's: no row has both scores"
        return _check("guard", rule.name, Check.CANNOT_TELL, reason)
    words = f"{rule.name} is better than the champion's by {_interval(found.value, found.low, found.high, signed=True)}"
    if found.low >= -rule.margin:
        return _check("guard", rule.name, Check.PASSED, f"{words}: not worse by more than {rule.margin:g}", found)
    if found.high < -rule.margin:
        return _check("guard", rule.name, Check.FAILED, f"{words}: worse by more than {rule.margin:g}", found)
    return _check("guard", rule.name, Check.CANNOT_TELL, f"{words}: may be worse by more than {rule.margin:g}", found)


def improvement(bout: Bout) -> GateCheck:
    """The weighted whole is better than the champion's, or than the untuned base's."""
    other = bout.other.id if bout.other else ""
    found = bout.utility
    if found is None or found.value is None or found.low is None or found.high is None:
        reason = f"the weighted score can't be compared with that of {other}"
        return _check("improvement", None, Check.CANNOT_TELL, reason)
    words = (
        f"the weighted score differs from that of {other} by "
        f"{_interval(found.value, found.low, found.high, signed=True)} on {found.n} rows"
    )
    if found.low > 0:
        return _check("improvement", None, Check.PASSED, f"{words}: better", found)
    if found.high <= 0:
        return _check("improvement", None, Check.FAILED, f"{words}: no better", found)
    return _check("improvement", None, Check.CANNOT_TELL, f"{words}: not surely better", found)


def yardsticks(bout: Bout, rules: list[MetricRule]) -> list[GateCheck]:
    """Something must have been there to measure by: a limit that only guards does not say what is good enough."""
    if bout.other or any(rule.limit is not None and rule.weight for rule in rules):
        return []
    reason = (
        "there is no champion, no untuned base and no limit on a metric with a weight to hold "
        f"{bout.leader.id} against: set a limit"
    )
    return [_check("yardstick", None, Check.CANNOT_TELL, reason)]


def _check(what: str, metric: str | None, check: Check, reason: str, difference: Difference | None = None) -> GateCheck:
    return GateCheck.model_validate(
        {"what": what, "metric": metric, "check": check, "reason": reason, "difference": difference}
    )


def _interval(value: float, low: float, high: float, *, signed: bool = False) -> str:
    form = "+.3f" if signed else ".3f"
    return f"{value:{form}} ({low:{form}} to {high:{form}})"


def _sentence(verdict: Verdict, bout: Bout, against: list[str]) -> str:
    leader = bout.leader.id
    match verdict:
        case Verdict.PROMOTE:
            if bout.against is Against.CHAMPION:
                return f"Promote {leader}: it is better than the champion {bout.other.id if bout.other else ''}."
            if bout.other:
                return f"Promote {leader}: it is better than its untuned base {bout.other.id} and keeps every limit."
            return f"Promote {leader}: it keeps every limit. There is no champion to compare it with."
        case Verdict.REJECT:
            return f"Do not promote {leader}: {against[0]}."
        case Verdict.INCONCLUSIVE:
            return f"Cannot tell whether {leader} is good enough: {against[0]}."
