"""What a window's profile says against the baseline's: rules without I/O."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from fmops.monitoring.feedback.models import Feedback
from fmops.monitoring.findings import drifts, gap_sentence, lasting, sentence, toxic_sentence
from fmops.monitoring.models import Coverage, Finding, Judgement, Latency, ToxicShare, Verdict, WindowUsage
from fmops.monitoring.profile.model import Profile
from fmops.monitoring.quality.models import Quality
from fmops.usecases.models import Monitoring

_NO_USAGE = WindowUsage()


class Circumstances(NamedTuple):
    """What is known of a window beside its records."""

    window: str = ""
    """Its name."""
    before: Mapping[str, Finding] = {}
    """The findings of the window before that could be judged."""
    latency: Latency | None = None
    slow_before: bool = False
    """Whether the window before was slow too."""
    coverage: Coverage | None = None
    feedback: Feedback | None = None
    quality: Quality | None = None
    usage: WindowUsage = _NO_USAGE
    failed: int = 0
    """How many of its batches were not read."""
    unmeasured: str = ""
    """The error that kept the quality of an earlier window's answers from being measured."""


NOTHING_KNOWN = Circumstances()


def judge(
    window: Profile,
    baseline: Profile,
    toxicity: ToxicShare | None,
    rule: Monitoring,
    known: Circumstances = NOTHING_KNOWN,
) -> Judgement:
    """The verdict: drift warns when it is sure, and alarms when it is so in two windows in a row.

    Toxicity alarms at once, and so do users. Too little data is a verdict too.
    """
    told, notes = _told(known), _notes(known)
    lacking = _lacking(window, rule, known)
    if lacking:
        return _judgement("INSUFFICIENT_DATA", lacking + told + notes, window, {}, toxicity, known)
    findings = lasting(drifts(window, baseline, rule), known.before, known.window)
    alarms = [sentence(name, found) for name, found in findings.items() if alarming(found, known.window)]
    warnings = [
        sentence(name, found) for name, found in findings.items() if found.sure and not alarming(found, known.window)
    ]
    if known.latency and known.latency.slow:
        (alarms if known.slow_before else warnings).append(_slow(known.latency))
    if toxicity and toxicity.low > toxicity.limit:
        alarms.append(toxic_sentence(toxicity))
    elif toxicity and toxicity.share > toxicity.limit:
        warnings.append(toxic_sentence(toxicity))
    if toxicity:
        warnings += [gap_sentence(gap) for gap in toxicity.gaps if gap.low > rule.toxic_gap_limit]
    alarms += told
    if alarms:
        return _judgement("ALARM", alarms + warnings + notes, window, findings, toxicity, known)
    if toxicity is None:
        reasons = ["no answer could be scored for toxicity", *warnings, *notes]
        return _judgement("INSUFFICIENT_DATA", reasons, window, findings, toxicity, known)
    return _judgement("WARNING" if warnings else "OK", warnings + notes, window, findings, toxicity, known)


def alarming(found: Finding, window: str) -> bool:
    """Whether a finding was sure in the window before as well."""
    return found.sure and found.since is not None and found.since != window


def severity(low: float, limit: float) -> Literal["ALARM", "WARNING"]:
    """How a share of toxic answers above its limit counts."""
    return "ALARM" if low > limit else "WARNING"


def _notes(known: Circumstances) -> list[str]:
    """What went wrong on the way, and keeps nobody from judging the rest."""
    batches = [f"{known.failed} batches of the window could not be read"] if known.failed else []
    return batches + ([f"quality could not be measured: {known.unmeasured}"] if known.unmeasured else [])


def _told(known: Circumstances) -> list[str]:
    """What users and later truths say, which needs no records of the window."""
    users = [f"users: {reason}" for reason in known.feedback.reasons] if known.feedback else []
    answers = known.quality.reasons if known.quality else []
    return users + [f"answers of {known.quality.window}: {reason}" for reason in answers if known.quality]


def _lacking(window: Profile, rule: Monitoring, known: Circumstances) -> list[str]:
    """Why nothing can be said of the window."""
    found = []
    if window.different_records < rule.min_records:
        found.append(f"{window.different_records} usable records; at least {rule.min_records} are needed")
    coverage = known.coverage
    if coverage and not coverage.enough:
        found.append(
            f"only {coverage.share:.0%} of the {coverage.invocations * coverage.sampled:.0f} records that "
            f"{coverage.invocations:.0f} invocations should have left were captured; "
            f"at least {coverage.least:.0%} are needed"
        )
    return found


def _judgement(
    verdict: Verdict,
    reasons: list[str],
    window: Profile,
    drift: dict[str, Finding],
    toxicity: ToxicShare | None,
    known: Circumstances,
) -> Judgement:
    return Judgement(
        verdict=verdict,
        reasons=reasons,
        records=window.different_records,
        copies=window.records - window.different_records,
        unreadable=window.unreadable,
        drift=drift,
        toxicity=toxicity,
        latency=known.latency,
        coverage=known.coverage,
        feedback=known.feedback,
        quality=known.quality,
        usage=known.usage,
        counters=window.counters,
        rate=window.rate,
    )


def _slow(found: Latency) -> str:
    return (
        f"the median latency is {found.p50:.0f} ms, usually {found.usual:.0f} ms; the limit is {found.limit:.0%} more"
    )
