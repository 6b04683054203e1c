"""The last step of the monitoring journey: reads profiles, baseline and toxicity scores, and judges."""

from datetime import datetime
from typing import Any, NamedTuple

from fmops.core.artifacts import Store, location
from fmops.core.events import DriftDetected, Emitter, ToxicityDetected
from fmops.core.ledger import Ledger
from fmops.evaluation.models import SCORES_FILE, Metric
from fmops.monitoring import records
from fmops.monitoring.judge import judge, severity, toxic_share
from fmops.monitoring.models import Exchange, Judgement, Target, WatchPlaces, WindowTask
from fmops.monitoring.profile import Profile, merge, profile
from fmops.monitoring.profiling import PROFILE_FILE
from fmops.usecases.models import Monitoring
from fmops.usecases.store import load


class Bench(NamedTuple):
    """What the judging needs beside the window."""

    ledger: Ledger
    store: Store
    emitter: Emitter
    bucket: str


class Judged(NamedTuple):
    """A judgement, and what it is about."""

    judgement: Judgement
    target: Target


def judge_window(bench: Bench, task: WindowTask, shards: list[int], *, scored: bool, now: datetime) -> Judged:
    """Judge the window, write it down, and announce what must be known.

    `scored` says whether the toxicity job completed; without it toxicity is unknown, and unknown is not good.
    """
    target = records.target(bench.ledger, task.use_case)
    rule = load(bench.ledger, task.use_case).monitoring
    places = WatchPlaces(bench.bucket, task.use_case, task.window.name)
    window = merge(_profile(bench.store, places, shard) for shard in shards)
    toxicity = toxic_share(_scores(bench.store, places), rule) if scored else None
    judgement = judge(window, baseline(bench.store, target), toxicity, rule)
    for event in findings(judgement, task, target, rule):
        bench.emitter.emit(event)
    records.judged(bench.ledger, bench.emitter, task, judgement, now)
    return Judged(judgement, target)


def baseline(store: Store, target: Target) -> Profile:
    """The profile of what the champion answered in its evaluation."""
    rows = store.read_json_lines(location(target.answers_uri))
    return profile(Exchange(row["id"], row["prompt"], row["answer"]) for row in rows if row["answer"] is not None)


def findings(
    judgement: Judgement, task: WindowTask, target: Target, rule: Monitoring
) -> list[DriftDetected | ToxicityDetected]:
    """The events that a judgement asks for: one for drift, one for toxicity."""
    if judgement.records < rule.min_records:
        return []
    found: list[DriftDetected | ToxicityDetected] = []
    moved = {name: one for name, one in judgement.drift.items() if one.size > one.limit}
    if moved:
        sure = any(one.low > one.limit for one in moved.values())
        found.append(
            DriftDetected(
                run_id=task.run_id,
                use_case=task.use_case,
                window=task.window.name,
                endpoint=target.endpoint,
                severity="ALARM" if sure else "WARNING",
                features=sorted(moved, key=lambda name: -moved[name].size),
                summary=_of_kind(judgement, "moved by"),
            )
        )
    toxic = judgement.toxicity
    if toxic and toxic.share > toxic.limit:
        found.append(
            ToxicityDetected(
                run_id=task.run_id,
                use_case=task.use_case,
                window=task.window.name,
                endpoint=target.endpoint,
                severity=severity(toxic.low, toxic.limit),
                share=toxic.share,
                low=toxic.low,
                high=toxic.high,
                summary=_of_kind(judgement, "toxic"),
            )
        )
    return found


def _of_kind(judgement: Judgement, words: str) -> str:
    return "; ".join(reason for reason in judgement.reasons if words in reason)


def _profile(store: Store, places: WatchPlaces, shard: int) -> Profile:
    return Profile.model_validate(store.read_json(places.shard(shard, PROFILE_FILE)))


def _scores(store: Store, places: WatchPlaces) -> list[float | None]:
    rows: list[dict[str, Any]] = list(store.read_json_lines(places.results.child(SCORES_FILE)))
    return [row.get(Metric.TOXICITY.value) for row in rows]
