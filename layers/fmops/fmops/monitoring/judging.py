"""The last step of the monitoring journey: reads profile, baseline and toxicity scores, and judges."""

from collections.abc import Iterator
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

from fmops.core import clock
from fmops.core.artifacts import Store
from fmops.core.errors import NotFound
from fmops.core.events import DriftDetected, Emitter, TenantBudgetReached, ToxicityDetected
from fmops.core.ledger import Ledger
from fmops.evaluation.models import SCORES_FILE, Metric
from fmops.monitoring import baseline, records, settling
from fmops.monitoring.budgets import spending
from fmops.monitoring.explain import explain
from fmops.monitoring.feedback import votes
from fmops.monitoring.feedback.judging import baseline_span, judge_feedback, span
from fmops.monitoring.feedback.models import Feedback
from fmops.monitoring.findings import sentence, toxic_sentence
from fmops.monitoring.judge import Circumstances, alarming, judge, severity
from fmops.monitoring.models import Coverage, Finding, Judgement, Latency, Target, ToxicShare, WatchPlaces, WindowTask
from fmops.monitoring.profile.model import Profile, empty, unpack
from fmops.monitoring.quality.models import Quality
from fmops.monitoring.sampled import Sampled
from fmops.monitoring.serving import serving
from fmops.monitoring.toxicity.design import Design
from fmops.monitoring.toxicity.due import carried
from fmops.monitoring.toxicity.estimate import estimate
from fmops.monitoring.traffic import Traffic, traffic
from fmops.monitoring.usage import usage
from fmops.text.lexicon import Lexicon
from fmops.usecases.models import Monitoring, UseCase
from fmops.usecases.store import load

_LATENCIES = 3
"""With fewer windows before nothing is said of latency."""
_LOOKED_BACK = 24
_SEVERAL = 2


class Bench(NamedTuple):
    """What the judging needs beside the window."""

    ledger: Ledger
    store: Store
    emitter: Emitter
    cloudwatch: Any
    bucket: str
    lexicon: Lexicon


class Judged(NamedTuple):
    """A judgement, and what it is about."""

    judgement: Judgement
    target: Target


def judge_window(
    bench: Bench,
    task: WindowTask,
    *,
    failed: int,
    due: bool,
    scored: bool,
    quality: Quality | None = None,
    unmeasured: str = "",
    now: datetime,
) -> Judged:
    """Judge the window, write it down, and announce what must be known.

    `due` says whether its answers were to be scored for toxicity, `scored` whether that job completed: without it
    toxicity is unknown, and unknown is not good. `failed` is how many batches of the window could not be read,
    `quality` what later truths say of an earlier one, and `unmeasured` the error that kept it from being measured.
    """
    target, use_case = records.target(bench.ledger, task.use_case), load(bench.ledger, task.use_case)
    rule = use_case.monitoring
    places = WatchPlaces(bench.bucket, task.use_case, task.window.name)
    window = _profile(bench.store, places)
    toxicity = _toxicity(bench, places, task, rule, scored=scored) if due else None
    if not due:
        toxicity = carried(task.window, records.before(bench.ledger, task), rule)
    shelf = settling.Shelf(bench.ledger, bench.store, bench.bucket, bench.lexicon)
    usual = settling.usual(shelf, target, task.window, rule, now)
    known = _circumstances(bench, task, target, use_case, window)._replace(
        failed=failed, quality=quality, unmeasured=unmeasured
    )
    judgement = judge(window, usual, toxicity, rule, known)
    _explain(bench.store, places, target, window, usual, judgement)
    for event in findings(judgement, task, target, rule):
        bench.emitter.emit(event)
    windows = records.judged_of_any(bench.ledger, task.use_case) if rule.tenant_budgets else []
    for one in spending(judgement.usage, task.window, windows, rule.tenant_budgets):
        bench.emitter.emit(TenantBudgetReached(run_id=task.run_id, use_case=task.use_case, **one.model_dump()))
    records.judged(bench.ledger, bench.emitter, task, judgement, now)
    return Judged(judgement, target)


def findings(
    judgement: Judgement, task: WindowTask, target: Target, rule: Monitoring
) -> list[DriftDetected | ToxicityDetected]:
    """The events that a judgement asks for: one for drift, one for toxicity."""
    if judgement.records < rule.min_records:
        return []
    found: list[DriftDetected | ToxicityDetected] = []
    moved = {name: one for name, one in judgement.drift.items() if one.sure}
    if moved:
        lasts = any(alarming(one, task.window.name) for one in moved.values())
        order = sorted(moved, key=lambda name: -moved[name].size / moved[name].limit)
        found.append(
            DriftDetected(
                run_id=task.run_id,
                use_case=task.use_case,
                window=task.window.name,
                endpoint=target.endpoint,
                model_id=target.model_id,
                severity="ALARM" if lasts else "WARNING",
                features=order,
                findings=[sentence(name, moved[name]) for name in order],
                records=judgement.records,
            )
        )
    toxic = judgement.toxicity
    # One that is carried was told when it was estimated.
    if toxic and toxic.share > toxic.limit and toxic.window == task.window.name:
        found.append(
            ToxicityDetected(
                run_id=task.run_id,
                use_case=task.use_case,
                window=task.window.name,
                endpoint=target.endpoint,
                model_id=target.model_id,
                severity=severity(toxic.low, toxic.limit),
                share=toxic.share,
                low=toxic.low,
                high=toxic.high,
                summary="; ".join([toxic_sentence(toxic), *_worst(toxic)]),
            )
        )
    return found


def _circumstances(bench: Bench, task: WindowTask, target: Target, use_case: UseCase, window: Profile) -> Circumstances:
    rule, of_window = use_case.monitoring, task.window
    before = records.judged_before(bench.ledger, task, target, _LOOKED_BACK)
    seen = traffic(bench.cloudwatch, target, of_window.start, of_window.end)
    served = serving(use_case, target, of_window, window)
    last = next((record for record in before if record.get("verdict") != "INSUFFICIENT_DATA"), {})
    return Circumstances(
        window=of_window.name,
        before={name: Finding.model_validate(one) for name, one in (last.get("drift") or {}).items()},
        latency=_latency(seen, before, rule),
        slow_before=bool(last.get("latency")) and Latency.model_validate(last["latency"]).slow,
        coverage=_coverage(seen, window, served.sampled, rule),
        feedback=_feedback(bench.ledger, task, target, rule),
        usage=usage(window, served.cost_usd, rule.tenant_budgets),
    )


def _feedback(ledger: Ledger, task: WindowTask, target: Target, rule: Monitoring) -> Feedback | None:
    end = task.window.end
    since = span(rule.feedback, clock.parse(target.released_at), end)
    return judge_feedback(votes.between(ledger, task.use_case, baseline_span(rule.feedback, since), end), since, rule)


def _latency(seen: Traffic, before: list[dict[str, Any]], rule: Monitoring) -> Latency | None:
    if seen.p50_ms is None or seen.p95_ms is None:
        return None
    earlier = [Latency.model_validate(record["latency"]) for record in before if record.get("latency")]
    calm = [one.p50 for one in earlier if not one.slow]
    return Latency(
        p50=round(seen.p50_ms, 3),
        p95=round(seen.p95_ms, 3),
        usual=round(median(calm), 3) if len(calm) >= _LATENCIES else None,
        limit=rule.latency_limit,
    )


def _coverage(seen: Traffic, window: Profile, sampled: float | None, rule: Monitoring) -> Coverage | None:
    if not seen.invocations or sampled is None:
        return None
    captured = window.different_records + window.unreadable + window.counters["ours"]
    return Coverage(invocations=seen.invocations, sampled=sampled, records=captured, least=rule.coverage)


def _explain(
    store: Store, places: WatchPlaces, target: Target, window: Profile, usual: Profile, judgement: Judgement
) -> None:
    """Write down what explains the drift, where there is some."""
    if any(one.sure for one in judgement.drift.values()):
        found = explain(window, usual, _sample(store, places), baseline.texts(store, target))
        store.write_json(places.explanation, found.model_dump(mode="json"))


def _profile(store: Store, places: WatchPlaces) -> Profile:
    """The window's; of a window without objects an empty one."""
    try:
        return unpack(store.read(places.profile))
    except NotFound:
        return empty()


def _sample(store: Store, places: WatchPlaces) -> list[Sampled]:
    return [Sampled.model_validate(row) for row in store.read_json_lines(places.sampled)]


def _toxicity(
    bench: Bench, places: WatchPlaces, task: WindowTask, rule: Monitoring, *, scored: bool
) -> ToxicShare | None:
    """Of the sample that was designed for this window."""
    if not scored:
        return None
    rows: Iterator[dict[str, Any]] = bench.store.read_json_lines(places.results.child(SCORES_FILE))
    scores = {str(row["id"]): row.get(Metric.TOXICITY.value) for row in rows}
    design = Design.model_validate(bench.store.read_json(places.design))
    return estimate(design, scores, rule, task.window.name)


def _worst(found: ToxicShare) -> list[str]:
    """The language in which most answers are toxic, where there are several."""
    if len(found.languages) < _SEVERAL:
        return []
    worst = max(found.languages, key=lambda one: one.low)
    return [f"most in {worst.name}: {worst.share:.1%} [{worst.low:.1%}, {worst.high:.1%}] of {worst.answers:,}"]
