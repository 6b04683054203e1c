"""Judges how the golden prompts were answered, and has a veto where they were answered worse."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from fmops.core.artifacts import Store
from fmops.core.errors import VerificationFailed
from fmops.core.ledger import Ledger
from fmops.evaluation.models import ANSWERS_FILE, SCORES_FILE, Answer, Scores
from fmops.release import golden_answers, records
from fmops.release.evaluated import Evaluated
from fmops.release.models import Release, Status, Verification
from fmops.release.places import GoldenPlaces, Stage
from fmops.release.watching import Watch


class Bench(NamedTuple):
    """Where verdicts are written."""

    ledger: Ledger
    store: Store
    watch: Watch


def verify(
    bench: Bench, release: Release, evaluated: Evaluated, places: GoldenPlaces, metrics: Iterable[str], now: datetime
) -> Verification:
    """Judge one asking of the golden prompts. VerificationFailed, with the numbers, where it must not go on.

    In the bake the verdict is the veto metric too, so that SageMaker takes the update back while the old fleet is
    still there.
    """
    found = _found(bench.store, evaluated, places, metrics)
    text = golden_answers.problem(found)
    shown = found.model_dump(mode="json")
    if places.stage is Stage.TRIAL:
        records.note(bench.ledger, release, {"trial": shown}, now)
    else:
        bench.watch.veto(release, now, worse=text is not None)
        records.note(bench.ledger, release, {"verification": shown}, now)
    if text:
        where = "a trial endpoint" if places.stage is Stage.TRIAL else release.endpoint
        raise VerificationFailed(f"on {where} {text}")
    if places.stage is Stage.LIVE:
        records.move(bench.ledger, release, Status.VERIFIED, now)
    return found


def _found(store: Store, evaluated: Evaluated, places: GoldenPlaces, metrics: Iterable[str]) -> Verification:
    asked = [str(row["id"]) for row in store.read_json_lines(places.rows)]
    answers = [Answer.model_validate(row) for row in store.read_json_lines(places.results.child(ANSWERS_FILE))]
    scores = Scores.read(line.decode() for line in store.lines(places.results.child(SCORES_FILE)))
    return golden_answers.judge(asked, answers, {row.id: row for row in scores}, evaluated.scores(), metrics)
