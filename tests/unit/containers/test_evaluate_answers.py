"""How answers are gathered: one failure stops no other, and a dead target is noticed at once."""

import json
from collections import Counter
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from containers.evaluate.answers import collect
from containers.evaluate.endpoint import Endpoint, NotAnswered, generated_text
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.reporter import Reporter
from containers.evaluate.results import mean_of
from fmops.evaluation.models import Metric, MetricSummary, Scores, Stage


class Moody:
    """Answers in capitals; fails a prompt as often as told."""

    def __init__(self, failures: dict[str, int], *, final: bool = False) -> None:
        self._left = Counter(failures)
        self._final = final

    def ask(self, prompt: str) -> str:
        if self._left[prompt] > 0:
            self._left[prompt] -= 1
            raise NotAnswered("overloaded", final=self._final)
        return prompt.upper()


def silent(_done: int, _total: int) -> None:
    """Nobody listens."""


PROMPTS = {"1": "a", "2": "b", "3": "c"}


def test_answers_come_in_the_order_of_the_prompts() -> None:
    answers = collect(Moody({}), PROMPTS, 3, silent)

    assert [(answer.id, answer.prompt, answer.answer, answer.failure) for answer in answers] == [
        ("1", "a", "A", None),
        ("2", "b", "B", None),
        ("3", "c", "C", None),
    ]
    assert all(answer.latency_ms is not None for answer in answers)


def test_what_failed_for_a_passing_reason_is_asked_again() -> None:
    answers = collect(Moody({"b": 2}), PROMPTS, 3, silent)

    assert [answer.answer for answer in answers] == ["A", "B", "C"]


def test_a_prompt_that_goes_on_failing_is_recorded_and_stops_no_other() -> None:
    answers = collect(Moody({"b": 99}), PROMPTS, 3, silent)

    assert [answer.answer for answer in answers] == ["A", None, "C"]
    assert answers[1].failure == "overloaded"


def test_what_is_refused_for_good_is_asked_once() -> None:
    answers = collect(Moody({"b": 1}, final=True), PROMPTS, 3, silent)

    assert answers[1].answer is None


def test_a_target_that_does_not_answer_the_first_prompt_ends_the_job() -> None:
    with pytest.raises(EvaluationFailed, match="did not answer the first prompt: overloaded"):
        collect(Moody({"a": 99}), PROMPTS, 3, silent)


def test_progress_is_reported_up_to_the_last_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(tmp_path / "progress")

    collect(Moody({"b": 99}), PROMPTS, 1, lambda done, total: reporter.report(Stage.ANSWERS, done, total))

    written = json.loads((tmp_path / "progress" / "progress.json").read_text())
    assert written == {"stage": "answers", "done": 3, "total": 3}
    assert capsys.readouterr().out.splitlines()[-1] == "answers=3/3"


@pytest.mark.parametrize("body", [b'[{"generated_text": "x"}]', b'{"generated_text": "x"}'])
def test_both_forms_of_the_text_generation_format_are_read(body: bytes) -> None:
    assert generated_text(body) == "x"


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b'{"text": "x"}', b'[{"generated_text": null}]', b"\xff"])
def test_any_other_response_is_no_answer(body: bytes) -> None:
    with pytest.raises(NotAnswered) as caught:
        generated_text(body)

    assert caught.value.final


class Refusing:
    """A client whose calls fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def invoke_endpoint(self, **_request: str) -> None:
        raise self._error


def client_error(code: str, status: int | None = None) -> ClientError:
    original = {} if status is None else {"OriginalStatusCode": status}
    return ClientError({"Error": {"Code": code, "Message": "no"}, **original}, "InvokeEndpoint")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (client_error("ModelError", 500), False),
        (client_error("ModelError", 400), True),
        (client_error("ThrottlingException"), False),
        (client_error("ValidationError"), True),
        (client_error("AccessDeniedException"), True),
        (ReadTimeoutError(endpoint_url="e"), False),
    ],
)
def test_only_passing_faults_are_worth_another_try(error: Exception, final: bool) -> None:
    endpoint = Endpoint(Refusing(error), "e", {})

    with pytest.raises(NotAnswered) as caught:
        endpoint.ask("p")

    assert caught.value.final is final


def test_a_mean_counts_what_is_missing_and_is_none_where_all_is() -> None:
    rows = [Scores(id=str(number), values={Metric.F1: value}) for number, value in enumerate([1.0, None, 0.5])]

    assert mean_of(Metric.F1, rows) == MetricSummary(value=0.75, n=2, missing=1)
    assert mean_of(Metric.TOXICITY, rows) == MetricSummary(value=None, n=0, missing=3)
