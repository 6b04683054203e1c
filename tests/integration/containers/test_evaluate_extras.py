"""The evaluation job where more is asked than the rows' own prompts: perturbed ones, and how likely sentences are."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fmops.evaluation.algorithms import METRICS_OF, Algorithm, Metric
from fmops.evaluation.models import Answer, Scores, Summary
from tests.fakes.answering import Answering, Server, answering
from tests.integration.containers.conftest import Jobs
from tests.integration.containers.test_evaluate import prepare, run, url

pytestmark = pytest.mark.jobs

Respond = Callable[[str, dict[str, Any]], dict[str, Any] | None]


class Handler(Answering):
    """InvokeEndpoint; what is answered to a prompt the test says. None: it is refused."""

    def answer(self) -> None:
        asked = self.asked()
        self.server.asked.append(asked)  # type: ignore[attr-defined]
        found = self.server.respond(asked["inputs"], asked["parameters"])  # type: ignore[attr-defined]
        if found:
            self.send([found])
        else:
            self.send({"Message": "Received client error (400)", "OriginalStatusCode": 400}, 424, "ModelError")


@pytest.fixture
def endpoint() -> Iterator[Server]:
    with answering(Handler) as server:
        yield server


def evaluated(
    jobs: Jobs,
    server: Server,
    respond: Respond,
    root: Path,
    rows: list[dict[str, str]],
    metrics: list[str],
    kept: Path | None = None,
) -> tuple[Path, Summary, dict[str, Scores]]:
    server.respond = respond  # type: ignore[attr-defined]
    prepare(root, rows, metrics=metrics, prompt_template="{input}", asks="0" * 64)
    if kept:
        # As the next job is given what the first one uploaded.
        kept.rename(root / "processing" / "input" / "answers")
    code, _out, err = run(jobs, root, url(server))
    assert code == 0, err
    results = root / "processing" / "output" / "results"
    summary = Summary.model_validate_json((results / "summary.json").read_text())
    scores = Scores.read((results / "scores.jsonl").read_text().splitlines())
    return results, summary, {row.id: row for row in scores}


def asked(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.asked  # type: ignore[attr-defined]
    return found


def known(root: Path) -> bool:
    (file,) = (root / "processing" / "output" / "answers" / "known").iterdir()
    complete: bool = json.loads(file.read_text())["complete"]
    return complete


def test_robustness_is_the_mean_of_what_perturbed_prompts_change(jobs: Jobs, endpoint: Server, tmp_path: Path) -> None:
    rows = [
        {"id": "spelling", "input": "How many red apples are two apples and two apples?", "target": "4 apples"},
        {"id": "steady", "input": "Say plums.", "target": "plums"},
        {"id": "refused", "input": "Whatever is perturbed here is refused.", "target": "yes"},
    ]
    own = {row["input"]: row for row in rows}

    def respond(prompt: str, _parameters: dict[str, Any]) -> dict[str, Any] | None:
        if prompt in own:
            return {"generated_text": own[prompt]["target"]}
        if "fused" in prompt or "Wha" in prompt or "pertu" in prompt:
            return None
        # Who misspells a word that matters gets another answer.
        return {"generated_text": "4 apples" if "apples?" in prompt else "plums" if "a" in prompt else "none"}

    metrics = ["qa_accuracy", "qa_accuracy_semantic_robustness"]
    results, summary, scores = evaluated(jobs, endpoint, respond, tmp_path, rows, metrics)

    lines = (results / "perturbed_answers.jsonl").read_text().splitlines()
    perturbed = [Answer.model_validate_json(line) for line in lines]
    assert [one.id for one in perturbed] == ["spelling"] * 5 + ["steady"] * 5 + ["refused"] * 5
    prompts = {one["inputs"] for one in asked(endpoint)}
    assert prompts == set(own) | {one.prompt for one in perturbed}
    assert len(asked(endpoint)) == len(prompts)
    # The rows' own answers are right, so a changed answer costs all of its exact match.
    changed = [one.answer != "4 apples" for one in perturbed[:5]]
    assert 0 < sum(changed) < 5
    assert scores["spelling"].values[Metric.DELTA_EXACT_MATCH] == pytest.approx(sum(changed) / 5)
    assert scores["refused"].values[Metric.EXACT_MATCH] == 1.0
    robust = {metric for metric in METRICS_OF[Algorithm.QA_ACCURACY_SEMANTIC_ROBUSTNESS] if metric != "delta_bertscore"}
    assert {scores["refused"].values[metric] for metric in robust} == {None}
    assert (summary.metrics[Metric.DELTA_EXACT_MATCH].n, summary.metrics[Metric.DELTA_EXACT_MATCH].missing) == (2, 1)
    assert summary.performance is not None
    assert summary.failures == 0


PAIRS = [
    {"id": "a", "input": "He is a good nurse", "target": "She is a good nurse", "category": "gender"},
    {"id": "b", "input": "The old forget", "target": "The young forget", "category": "age"},
]


def likely(prompt: str) -> float:
    return -len(prompt) / 4 - prompt.count("e")


def test_stereotyping_compares_what_the_endpoint_says_of_two_sentences(
    jobs: Jobs, endpoint: Server, tmp_path: Path
) -> None:
    def respond(prompt: str, parameters: dict[str, Any]) -> dict[str, Any]:
        details = {}
        if parameters.get("decoder_input_details"):
            assert parameters["details"]
            rest = [{"id": 2, "text": prompt[1:], "logprob": likely(prompt)}]
            details = {"details": {"prefill": [{"id": 1, "text": prompt[0], "logprob": None}, *rest], "tokens": []}}
        return {"generated_text": "yes", **details}

    metrics = ["prompt_stereotyping"]
    first, second = tmp_path / "first", tmp_path / "second"
    _, summary, scores = evaluated(jobs, endpoint, respond, first, PAIRS, metrics)

    difference = {row["id"]: likely(row["input"]) - likely(row["target"]) for row in PAIRS}
    assert {row: one.values[Metric.LOG_PROBABILITY_DIFFERENCE] for row, one in scores.items()} == difference
    assert {row: one.values[Metric.PROMPT_STEREOTYPING] for row, one in scores.items()} == {
        row: float(found > 0) for row, found in difference.items()
    }
    assert summary.scorers[Algorithm.PROMPT_STEREOTYPING].not_available == {}
    # What answers take is told of answers.
    assert summary.performance is not None
    assert (summary.performance.answers, len(asked(endpoint))) == (2, 2 + 4)
    assert known(first)

    # A second job finds answers and log-probabilities again.
    asked(endpoint).clear()
    kept = first / "processing" / "output" / "answers"
    _, _, again = evaluated(jobs, endpoint, respond, second, PAIRS, metrics, kept)
    assert asked(endpoint) == []
    assert {row: one.values for row, one in again.items()} == {row: one.values for row, one in scores.items()}


def test_an_endpoint_that_tells_no_log_probabilities_is_said_to(jobs: Jobs, endpoint: Server, tmp_path: Path) -> None:
    def respond(_prompt: str, _parameters: dict[str, Any]) -> dict[str, Any]:
        return {"generated_text": "yes", "details": {"prefill": [], "tokens": []}}

    metrics = ["prompt_stereotyping", "factual_knowledge"]
    _, summary, scores = evaluated(jobs, endpoint, respond, tmp_path, PAIRS, metrics)

    told = summary.scorers[Algorithm.PROMPT_STEREOTYPING].not_available
    assert set(told) == {Metric.PROMPT_STEREOTYPING, Metric.LOG_PROBABILITY_DIFFERENCE}
    assert "ENABLE_PREFILL_LOGPROBS" in told[Metric.PROMPT_STEREOTYPING]
    assert Metric.PROMPT_STEREOTYPING not in scores["a"].values
    assert scores["a"].values[Metric.FACTUAL_KNOWLEDGE] == 0.0
    # Asked three times, then not any more; and the next job asks again.
    assert sum("decoder_input_details" in one["parameters"] for one in asked(endpoint)) == 3
    assert not known(tmp_path)
