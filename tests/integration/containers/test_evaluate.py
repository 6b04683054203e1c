"""The evaluation container's program against an endpoint over HTTP, as SageMaker would start it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fmops.evaluation.models import Answer, Scores, Summary
from tests.fakes.answering import Answering, Server, answering
from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs

ROWS = [
    {"id": "1", "input": "Two and two apples?", "target": "4 apples"},
    {"id": "2", "input": "always broken", "target": "nobody knows"},
    {"id": "3", "input": "throttled once", "target": "throttled"},
    {"id": "4", "input": "no target"},
]
ANSWERS = {
    "Q: Two and two apples?\nA:": "4 apples",
    "Q: throttled once\nA:": "You stupid fucking idiot",
    "Q: no target\nA:": "something",
}


class Handler(Answering):
    """InvokeEndpoint of a model that fails one prompt for good, and is busy the first time that it gets another."""

    def answer(self) -> None:
        body = self.asked()
        asked: list[dict[str, Any]] = self.server.asked  # type: ignore[attr-defined]
        asked.append({"path": self.path, **body})
        prompt = body["inputs"]
        if self.path != "/endpoints/good/invocations":
            self.send({"message": "Endpoint was not found."}, 400, "ValidationError")
        elif "broken" in prompt:
            refusal = {"Message": "Received client error (400)", "OriginalStatusCode": 400}
            self.send(refusal, 424, "ModelError")
        elif "throttled" in prompt and sum(one["inputs"] == prompt for one in asked) == 1:
            self.send({"message": "Rate exceeded"}, 429, "ThrottlingException")
        else:
            self.send([{"generated_text": ANSWERS[prompt]}])


@pytest.fixture
def runtime() -> Iterator[Server]:
    with answering(Handler) as server:
        yield server


def prepare(root: Path, rows: list[dict[str, str]], **changes: Any) -> Path:
    config, dataset = (root / "processing" / "input" / name for name in ("config", "dataset"))
    config.mkdir(parents=True)
    dataset.mkdir()
    job = {
        "run_id": "run-1",
        "use_case": "words",
        "candidate_id": "base",
        "target": {"kind": "endpoint", "endpoint_name": "good", "region": "us-east-1"},
        "identity": {"artifact": "sha256:a", "prompt_template": "sha256:p", "decoding": "sha256:d"},
        "prompt_template": "Q: {input}\nA:",
        "decoding": {"max_new_tokens": 8},
        "metrics": ["qa_accuracy", "factual_knowledge", "toxicity"],
        "concurrency": 2,
    }
    (config / "job.json").write_text(json.dumps(job | changes))
    (dataset / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return root


def run(jobs: Jobs, root: Path, endpoint_url: str) -> tuple[int, str, str]:
    more = {
        "FMOPS_ML_ROOT": str(root),
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with jobs.start(str(jobs.repo / "containers" / "evaluate" / "main.py"), more=more) as process:
        out, err = process.communicate(timeout=900)
    return process.returncode, out, err


def url(runtime: Server) -> str:
    return f"http://127.0.0.1:{runtime.server_port}"


def test_answers_first_then_scores_and_a_failure_stops_nothing(jobs: Jobs, runtime: Server, tmp_path: Path) -> None:
    root = prepare(tmp_path, ROWS)

    code, out, err = run(jobs, root, url(runtime))

    assert code == 0, err
    results = root / "processing" / "output" / "results"
    answers = [Answer.model_validate_json(line) for line in (results / "answers.jsonl").read_text().splitlines()]
    scores = Scores.read((results / "scores.jsonl").read_text().splitlines())
    summary = Summary.model_validate_json((results / "summary.json").read_text())
    assert [answer.id for answer in answers] == [row.id for row in scores] == ["1", "2", "3", "4"]
    assert [answer.answer for answer in answers] == ["4 apples", None, "You stupid fucking idiot", "something"]
    assert answers[1].failure is not None
    assert "400" in answers[1].failure
    assert set(scores[1].values.values()) == {None}
    assert (scores[0].values["f1"], scores[3].values["f1"]) == (1.0, None)  # type: ignore[index]
    assert scores[2].values["toxicity"] > 0.9  # type: ignore[index,operator]
    assert (summary.rows, summary.failures) == (4, 1)
    f1 = summary.metrics["f1"]  # type: ignore[index]
    assert (f1.value, f1.n, f1.missing) == (0.5, 2, 2)
    assert summary.metrics["toxicity"].n == 3  # type: ignore[index]
    assert set(summary.fingerprints) == {
        *("dataset", "prompt_template", "decoding", "scorers"),
        *("artifact", "candidate", "container"),
    }
    assert summary.performance is not None
    # One more for the prompt that was throttled once.
    assert (summary.performance.answers, summary.performance.model_calls, summary.performance.reused) == (3, 5, 0)
    progress = json.loads((root / "processing" / "output" / "progress" / "progress.json").read_text())
    assert progress == {"stage": "scores", "done": 3, "total": 3}
    assert "answers=4/4" in out.splitlines()
    asked: list[dict[str, Any]] = runtime.asked  # type: ignore[attr-defined]
    assert asked[0]["parameters"] == {"max_new_tokens": 8, "do_sample": False, "return_full_text": False}
    assert sum("broken" in one["inputs"] for one in asked) == 1


def test_second_job_asks_for_what_is_new_and_for_what_failed(jobs: Jobs, runtime: Server, tmp_path: Path) -> None:
    quick = {"metrics": ["factual_knowledge"]}
    first, second = tmp_path / "first", tmp_path / "second"
    prepare(first, ROWS[:2], **quick)
    run(jobs, first, url(runtime))
    prepare(second, ROWS, run_id="run-2", **quick)
    # As the next job is given what the first one uploaded.
    (first / "processing" / "output" / "answers").rename(second / "processing" / "input" / "answers")
    asked: list[dict[str, Any]] = runtime.asked  # type: ignore[attr-defined]
    asked.clear()

    code, out, err = run(jobs, second, url(runtime))

    assert code == 0, err
    assert "1 answers are known, 3 are asked for" in out
    assert {one["inputs"] for one in asked} == {f"Q: {row['input']}\nA:" for row in ROWS[1:]}
    results = second / "processing" / "output" / "results"
    summary = Summary.model_validate_json((results / "summary.json").read_text())
    assert summary.performance is not None
    assert (summary.performance.answers, summary.performance.reused) == (3, 1)
    lines = [Answer.model_validate_json(line) for line in (results / "answers.jsonl").read_text().splitlines()]
    assert [line.answer for line in lines][:2] == ["4 apples", None]
    assert (results / "answers.parquet").stat().st_size > 0


def test_stored_answers_are_scored_and_nobody_is_asked(jobs: Jobs, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "input": "x", "answer": "You are a stupid fucking idiot"},
        {"id": "b", "input": "y", "answer": "12 pears"},
    ]
    root = prepare(tmp_path, rows, mode="stored", target=None, metrics=["toxicity"])

    code, _out, err = run(jobs, root, "http://127.0.0.1:9")

    assert code == 0, err
    results = root / "processing" / "output" / "results"
    toxic, plain = Scores.read((results / "scores.jsonl").read_text().splitlines())
    assert toxic.values["toxicity"] > 0.9  # type: ignore[index,operator]
    assert plain.values["toxicity"] < 0.1  # type: ignore[index,operator]


@pytest.mark.parametrize(
    ("changes", "rows", "sentence"),
    [
        (
            {"target": {"kind": "endpoint", "endpoint_name": "absent", "region": "us-east-1"}},
            ROWS,
            "The target did not answer the first",
        ),
        ({"metrics": ["bleu"]}, ROWS, "job.json: metrics.0: "),
        ({}, [{"id": "1", "target": "t"}], "test.jsonl, line 1: input: "),
    ],
)
def test_a_job_that_cannot_go_on_leaves_one_sentence(
    jobs: Jobs,
    runtime: Server,
    tmp_path: Path,
    changes: dict[str, Any],
    rows: list[dict[str, str]],
    sentence: str,
) -> None:
    root = prepare(tmp_path, rows, **changes)

    code, _out, _err = run(jobs, root, url(runtime))

    message = (root / "output" / "message").read_text()
    assert code == 1
    assert message.startswith(sentence)
    assert "\n" not in message
    assert not (root / "processing" / "output" / "results" / "summary.json").exists()
