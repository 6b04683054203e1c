"""The verdicts as tables."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from containers.evaluate import result_table
from fmops.evaluation.judge.models import METRIC_OF, SCORES_FOLDER, VERDICTS_TABLE, JudgeSummary, JudgingJob, Verdict
from fmops.evaluation.judge.prompts import PROMPT_VERSION
from fmops.evaluation.models import Scores

SCHEMA: Final = pa.schema(
    [
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("candidate_id", pa.string(), nullable=False),
        pa.field("reference_id", pa.string()),
        pa.field("method", pa.string(), nullable=False),
        pa.field("why", pa.string(), nullable=False),
        pa.field("forward", pa.string()),
        pa.field("backward", pa.string()),
        pa.field("outcome", pa.string()),
        pa.field("grade", pa.int64()),
        pa.field("score", pa.float64()),
        pa.field("judge_fingerprint", pa.string(), nullable=False),
        pa.field("prompt_version", pa.string(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
    ]
)


def write_verdicts(folder: Path, job: JudgingJob, verdicts: Iterable[Verdict]) -> None:
    """A row for each row of each candidate."""
    same = {
        "reference_id": job.reference,
        "method": job.method.value,
        "judge_fingerprint": job.identity.fingerprint,
        "prompt_version": PROMPT_VERSION,
        "run_id": job.run_id,
    }
    rows = [
        {**one.model_dump(mode="json", exclude={"candidate"}), "candidate_id": one.candidate, **same}
        for one in verdicts
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / VERDICTS_TABLE, compression="zstd")


def write_scores(folder: Path, job: JudgingJob, verdicts: Iterable[Verdict]) -> None:
    """For each candidate a file in the form of `scores.jsonl`; the reference is beside itself, which is a tie."""
    metric = METRIC_OF[job.method]
    lines: dict[str, dict[str, float | None]] = {name: {} for name in job.candidates}
    for one in verdicts:
        lines[one.candidate][one.record_id] = one.score
        if job.reference is not None:
            lines[job.reference][one.record_id] = 0.5
    (folder / SCORES_FOLDER).mkdir(exist_ok=True)
    for name, rows in lines.items():
        text = "".join(f"{Scores(id=row, values={metric: score}).line()}\n" for row, score in rows.items())
        (folder / SCORES_FOLDER / f"{name}.jsonl").write_text(text, encoding="utf-8")


def write_results(
    folder: Path,
    job: JudgingJob,
    summary: JudgeSummary,
    verdicts: Iterable[Verdict],
    categories: Mapping[str, str | None],
) -> None:
    """The scores in the table of all runs: the judge's fingerprint is that of the scorer."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = [
        {
            "use_case": job.use_case,
            "run_id": job.run_id,
            "candidate_id": one.candidate,
            "record_id": one.record_id,
            "category": categories.get(one.record_id),
            "metric": METRIC_OF[job.method].value,
            "value": one.score,
            "candidate_fingerprint": None,
            "dataset_fingerprint": summary.dataset,
            "scorers_fingerprint": summary.judge_fingerprint,
        }
        for one in verdicts
    ]
    result_table.write_rows(folder, rows)
