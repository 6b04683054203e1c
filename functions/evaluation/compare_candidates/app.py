"""Compares the candidates' scores, judges the best challenger, writes the report."""

from collections.abc import Collection
from typing import Any

from fmops.catalog import prices
from fmops.core import clock, log
from fmops.core import wiring as core
from fmops.core.events import EvaluationCompleted
from fmops.core.version import library_digest
from fmops.evaluation import runs, trail, wiring
from fmops.evaluation.comparison import Compared, record_comparison
from fmops.evaluation.desk import Desk, Failure
from fmops.evaluation.models import Answer, DatasetRow
from fmops.evaluation.planning.plans import Plan
from fmops.evaluation.results import exhibits, judgements
from fmops.evaluation.results import files as results
from fmops.evaluation.results.judgements import Judgement
from fmops.evaluation.reviews import counting
from fmops.evaluation.reviews.models import ReviewResult
from fmops.launches import records
from fmops.selection import reviewing
from fmops.selection.compare import Question, compare
from fmops.selection.details import Code, Details, JudgeResult
from fmops.selection.judging import heard
from fmops.selection.models import Lineage, Report
from fmops.selection.page import page
from fmops.selection.report.feature_rows import feature_rows
from fmops.selection.report.gathering import gather
from fmops.selection.report.speeds import speeds
from fmops.selection.scores import Evaluated, Judged
from fmops.usecases.models import MetricRule

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    desk, now = wiring.desk(), clock.now()
    plan = desk.plan(event["run_id"])
    runs.deciding(desk.ledger, plan.run_id, now)
    review = counting.read(desk, plan.run_id) if plan.review else None
    judgement = judgements.read(desk, plan, _failure(event))
    evaluated = _evaluated(desk, plan, judgement, review)
    rows = exhibits.read_rows(desk.store, plan.dataset)
    groups = {row.id: row.group for row in rows if row.group is not None}
    question = Question(
        plan.run_id,
        plan.use_case,
        plan.metrics,
        plan.evaluation.min_rows,
        groups or None,
        _judged(judgement) if judgement else None,
        plan.review.min_items if plan.review else 1,
    )
    report = compare(question, evaluated, _lineage(desk, plan, evaluated, review), now)
    details = _details(desk, plan, question.counting, report, evaluated, rows)
    if review:
        details = details.model_copy(update={"review": reviewing.shown(review, groups)})
    report = report.model_copy(
        update={
            "judge": _judge(desk, plan, judgement, groups or None) if judgement else None,
            "details": details,
        }
    )
    places = desk.places(plan.run_id)
    desk.store.write_json(places.report, report.model_dump(mode="json"))
    desk.store.write(places.page, page(report).encode(), "text/html; charset=utf-8")
    # Before the outcome is announced: that has the audit sealed.
    if judgement:
        trail.note_judge(desk, plan, judgement, now)
    trail.note_results(desk, plan, report.decision.verdict, report.decision.winner, now)
    answer = record_comparison(desk, core.emitter(), _compared(report), now)
    logger.info("candidates compared", extra={"run_id": plan.run_id, "verdict": answer["verdict"]})
    return answer


def _failure(event: dict[str, Any]) -> Failure | None:
    """What became of the judge's job, where it did not end well."""
    found = event.get("judging_failure")
    return Failure.model_validate(found) if found else None


def _evaluated(desk: Desk, plan: Plan, judgement: Judgement | None, review: ReviewResult | None) -> list[Evaluated]:
    found = []
    for candidate in plan.candidates:
        measured = results.of_candidate(desk, plan, candidate)
        if judgement:
            measured = measured._replace(scores=judgement.merged(candidate.id, measured.scores))
        found.append(
            Evaluated(
                candidate.id,
                candidate.kind,
                candidate.artifact.model_id,
                candidate.artifact.model_version,
                candidate.is_champion,
                candidate.base,
                *measured,
                review.of(candidate.id) if review else None,
            )
        )
    return found


def _judged(judgement: Judgement) -> Judged:
    planned = judgement.planned
    return Judged(planned.reference, planned.rows, judgement.settings.max_failed, judgement.why_not)


def _judge(desk: Desk, plan: Plan, judgement: Judgement, groups: dict[str, str] | None) -> JudgeResult:
    """What the report tells of the judge."""
    settings, summary = judgement.settings, judgement.summary
    jobs = records.names_of_run(desk.ledger, plan.run_id, "")
    about = JudgeResult(
        model=judgement.planned.asked.model_id,
        method=settings.method,
        criteria=settings.criteria,
        used=not judgement.why_not,
        why_not=judgement.why_not,
        min_accuracy=settings.min_accuracy,
        reference=judgement.planned.reference,
        rows=judgement.planned.rows,
        usd=judgement.usd,
        job=jobs[-1] if jobs else None,
    )
    return heard(about, summary, judgement.scores, groups) if summary else about


def _details(
    desk: Desk,
    plan: Plan,
    rules: list[MetricRule],
    report: Report,
    evaluated: list[Evaluated],
    rows: list[DatasetRow],
) -> Details:
    """What the page shows beside the numbers."""
    places = desk.places(plan.run_id)

    def read(candidate: str, rows: Collection[str]) -> dict[str, Answer]:
        return exhibits.read_answers(desk.store, places.candidate(candidate), rows)

    found = gather(report, rules, evaluated, rows, read)
    return found.model_copy(
        update={
            "speeds": speeds(evaluated),
            "features": feature_rows(exhibits.read_features(desk.store, places)),
            "prices_of": prices.dated(),
            "code": Code(version=core.settings().code_version, library=library_digest()),
        }
    )


def _lineage(desk: Desk, plan: Plan, evaluated: list[Evaluated], review: ReviewResult | None) -> Lineage:
    return Lineage(
        dataset=plan.dataset.name,
        dataset_version=plan.dataset.version,
        dataset_digest=plan.dataset.digest,
        test_rows=plan.dataset.test_rows,
        train_rows=plan.dataset.train_rows,
        fingerprints={candidate.id: candidate.summary.fingerprints for candidate in evaluated},
        scorers={
            algorithm.value: " ".join(text for text in (scorer.library, scorer.model, scorer.note) if text)
            for candidate in evaluated[:1]
            for algorithm, scorer in candidate.summary.scorers.items()
        }
        | ({"people": review.scorer} if review else {}),
        jobs={record["id"]: record["jobs"] for record in runs.candidates(desk.ledger, plan.run_id)},
    )


def _compared(report: Report) -> Compared:
    return Compared(
        metrics={
            candidate.id: {name: found.model_dump(mode="json") for name, found in candidate.metrics.items()}
            for candidate in report.candidates
        },
        event=EvaluationCompleted(
            run_id=report.run_id,
            use_case=report.use_case,
            verdict=report.decision.verdict.value,
            winner=report.decision.winner,
            reasons=report.decision.reasons,
        ),
        sentence=report.decision.sentence,
    )
