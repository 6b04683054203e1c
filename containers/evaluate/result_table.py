"""Each score of each row as one table in Parquet, the same columns for every run: what SQL is asked about runs of.

It holds no prompt and no answer: whoever may read scores need not read what people wrote.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from fmops.evaluation.models import Answer, EvaluationJob, Scores, Summary

FILE: Final = "scores.parquet"
LATENCY: Final = "latency_ms"

SCHEMA: Final = pa.schema(
    [
        pa.field("use_case", pa.string(), nullable=False),
        pa.field("run_id", pa.string(), nullable=False),
        pa.field("candidate_id", pa.string(), nullable=False),
        pa.field("record_id", pa.string(), nullable=False),
        pa.field("category", pa.string()),
        pa.field("metric", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("candidate_fingerprint", pa.string()),
        pa.field("dataset_fingerprint", pa.string()),
        pa.field("scorers_fingerprint", pa.string()),
    ]
)
"""The Glue table of template.yaml, without its partition. `value` is NULL where a row could not be scored."""


def write(
    folder: Path,
    job: EvaluationJob,
    summary: Summary,
    answers: Sequence[Answer],
    scores: Sequence[Scores],
    categories: Mapping[str, str | None],
) -> None:
    """The file of this job. `categories` is by row id; latencies stand among the metrics."""
    same = {
        "use_case": job.use_case,
        "run_id": job.run_id,
        "candidate_id": job.candidate_id,
        "candidate_fingerprint": summary.candidate_fingerprint,
        "dataset_fingerprint": summary.fingerprints.get("dataset"),
        "scorers_fingerprint": summary.fingerprints.get("scorers"),
    }
    rows = [
        {**same, "record_id": record, "category": categories.get(record), "metric": metric, "value": value}
        for record, metric, value in _values(answers, scores)
    ]
    write_rows(folder, rows)


def write_rows(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A file of such rows."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), folder / FILE, compression="zstd")


def _values(answers: Sequence[Answer], scores: Sequence[Scores]) -> Iterator[tuple[str, str, Any]]:
    for row in scores:
        for metric, value in row.values.items():
            yield row.id, metric.value, value
    for answer in answers:
        if answer.latency_ms is not None:
            yield answer.id, LATENCY, answer.latency_ms
