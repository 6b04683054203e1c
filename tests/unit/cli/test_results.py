"""The scores of all runs answer SQL; a query reaches nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from containers.evaluate import result_table
from fmops.evaluation.models import Answer, EvaluationJob, Metric, Scores, Summary
from fmops_cli.failures import CommandFailed
from fmops_cli.results import ask

JOB = {
    "run_id": "run-1",
    "use_case": "trivia",
    "mode": "stored",
    "metrics": ["toxicity"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for candidate, values in (("base", (0.1, None)), ("tuned", (0.3, 0.5))):
        job = EvaluationJob.model_validate({**JOB, "candidate_id": candidate})
        scores = [Scores(id=f"row-{i}", values={Metric.F1: value}) for i, value in enumerate(values)]
        answers = [Answer(id=f"row-{i}", prompt="secret", answer="secret", latency_ms=20.0 + i) for i in range(2)]
        summary = Summary(
            run_id="run-1",
            candidate_id=candidate,
            rows=2,
            failures=0,
            metrics={},
            scorers={},
            fingerprints={"dataset": "sha256:d", "scorers": "sha256:s"},
        )
        place = tmp_path / f"results/day=2026-11-24/run-1/{candidate}"
        result_table.write(place, job, summary, answers, scores, {"row-0": "science"})
    return tmp_path


def test_means_leave_out_what_was_not_scored(folder: Path) -> None:
    columns, rows = ask(
        folder,
        "SELECT candidate_id, avg(value) AS mean, count(*) - count(value) AS missing FROM scores "
        "WHERE metric = 'f1' AND day = '2026-11-24' GROUP BY candidate_id ORDER BY candidate_id",
    )

    assert columns == ["candidate_id", "mean", "missing"]
    assert rows == [("base", 0.1, 1), ("tuned", 0.4, 0)]


def test_latency_stands_among_the_metrics_and_no_text_of_a_row_is_kept(folder: Path) -> None:
    _, rows = ask(folder, "SELECT max(value) FROM scores WHERE metric = 'latency_ms'")

    assert rows == [(21.0,)]
    assert b"secret" not in b"".join(file.read_bytes() for file in folder.rglob("*.parquet"))


def test_query_that_is_wrong_or_reaches_for_other_files_is_refused(folder: Path) -> None:
    with pytest.raises(CommandFailed, match="DuckDB refuses"):
        ask(folder, "SELECT nothing FROM scores")
    with pytest.raises(CommandFailed, match="DuckDB refuses"):
        ask(folder, "SELECT * FROM read_text('/etc/hostname')")


def test_saved_queries_of_the_template_are_answered(folder: Path, repo: Path) -> None:
    for query in _of_template(repo, "AWS::Athena::NamedQuery"):
        ask(folder, query["QueryString"])


def test_glue_table_has_the_columns_that_the_jobs_write(repo: Path) -> None:
    [table] = _of_template(repo, "AWS::Glue::Table")
    columns = [(column["Name"], column["Type"]) for column in table["TableInput"]["StorageDescriptor"]["Columns"]]

    assert columns == [(field.name, str(field.type)) for field in result_table.SCHEMA]


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as what stands behind them."""


_Loader.add_multi_constructor("!", lambda loader, _suffix, node: getattr(node, "value", None))


def _of_template(repo: Path, kind: str) -> list[dict[str, Any]]:
    template = yaml.load((repo / "template.yaml").read_text(), _Loader)  # noqa: S506 - a SafeLoader
    return [found["Properties"] for found in template["Resources"].values() if found["Type"] == kind]
