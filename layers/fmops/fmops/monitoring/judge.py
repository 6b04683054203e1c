"""What a window's profile says against the baseline's: rules without I/O."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from fmops.monitoring.models import Finding, Judgement, ToxicShare, Verdict
from fmops.monitoring.profile import FEATURES, GROUPS, Profile
from fmops.statistics.drift import (
    Floats,
    beyond_chance,
    jensen_shannon,
)
from fmops.statistics.proportion import wilson
from fmops.usecases.models import Monitoring


def toxic_share(scores: Sequence[float | None], rule: Monitoring) -> ToxicShare | None:
    """The share of answers that score as toxic; None where no answer could be scored."""
    scored = [score for score in scores if score is not None]
    if not scored:
        return None
    share = wilson(sum(score > rule.toxic_above for score in scored), len(scored))
    return ToxicShare(share=share.value, low=share.low, high=share.high, n=share.n, limit=rule.toxic_share_limit)


def drifts(window: Profile, baseline: Profile, rule: Monitoring) -> dict[str, Finding]:
    """The drift of each feature; features that one of the two lacks are left out."""
    found: dict[str, Finding] = {}
    for name in FEATURES:
        ours, theirs = _counts(window, name), _counts(baseline, name)
        if not _usable(ours) or not _usable(theirs):
            continue
        drift = beyond_chance(jensen_shannon, ours, theirs)
        limit = rule.vocabulary_limit if name.endswith("_vocabulary") else rule.length_limit
        found[name] = Finding(size=drift.size, low=drift.low, high=drift.high, limit=limit)
    return found


def judge(window: Profile, baseline: Profile, toxicity: ToxicShare | None, rule: Monitoring) -> Judgement:
    """The verdict: an alarm needs to be sure of itself, a warning does not, and too little data is a verdict too."""
    if window.records < rule.min_records:
        reason = f"{window.records} usable records; at least {rule.min_records} are needed"
        return _judgement("INSUFFICIENT_DATA", [reason], window, {}, toxicity)
    findings = drifts(window, baseline, rule)
    alarms = [_drifted(name, finding) for name, finding in findings.items() if finding.low > finding.limit]
    warnings = [
        _drifted(name, finding) for name, finding in findings.items() if finding.low <= finding.limit < finding.size
    ]
    if toxicity and toxicity.low > toxicity.limit:
        alarms.append(_toxic(toxicity))
    elif toxicity and toxicity.share > toxicity.limit:
        warnings.append(_toxic(toxicity))
    if alarms:
        return _judgement("ALARM", alarms + warnings, window, findings, toxicity)
    if toxicity is None:
        reason = "no answer could be scored for toxicity"
        return _judgement("INSUFFICIENT_DATA", [reason, *warnings], window, findings, toxicity)
    return _judgement("WARNING" if warnings else "OK", warnings, window, findings, toxicity)


def severity(low: float, limit: float) -> Literal["ALARM", "WARNING"]:
    """How a single finding above its limit counts."""
    return "ALARM" if low > limit else "WARNING"


def _judgement(
    verdict: Verdict, reasons: list[str], window: Profile, drift: dict[str, Finding], toxicity: ToxicShare | None
) -> Judgement:
    return Judgement(
        verdict=verdict,
        reasons=reasons,
        records=window.records,
        unreadable=window.unreadable,
        drift=drift,
        toxicity=toxicity,
    )


def _drifted(name: str, finding: Finding) -> str:
    interval = f"[{finding.low:.2f}, {finding.high:.2f}]"
    return f"{name} moved by {finding.size:.2f} bits {interval}; the limit is {finding.limit:g}"


def _toxic(found: ToxicShare) -> str:
    return (
        f"{found.share:.1%} of {found.n} sampled answers are toxic [{found.low:.1%}, {found.high:.1%}]; "
        f"the limit is {found.limit:.1%}"
    )


def _counts(profile: Profile, name: str) -> Floats:
    return np.array(profile.counts[name], dtype=np.float64)


def _usable(counts: Floats) -> bool:
    """Whether most groups hold something: then no half of them is empty."""
    return bool(np.count_nonzero(counts.sum(axis=1)) > GROUPS // 2)
