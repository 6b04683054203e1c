"""How answers are gathered: each distinct prompt once, one failure stops no other, a dead target is noticed at once."""

import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from containers.evaluate.answer_store import Author, earlier, say_known
from containers.evaluate.answers import Collected, Shelf, collect
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.reporter import Reporter
from containers.evaluate.results import mean_of
from containers.evaluate.targets.asking import NotAnswered, Reply, Trouble
from containers.evaluate.targets.endpoint import Endpoint
from fmops.evaluation.models import Decoding, Metric, MetricSummary, Scores, Stage
from fmops.evaluation.performance import Measured, performance, quantile
from fmops.evaluation.targets import EndpointTarget, Identity


class Moody:
    """Answers in capitals; fails a prompt as often as told, and remembers what it was asked."""

    def __init__(self, failures: dict[str, int] | None = None, trouble: Trouble = Trouble.THROTTLED) -> None:
        self._left = Counter(failures or {})
        self._trouble = trouble
        self._lock = threading.Lock()
        self.asked: list[str] = []

    def ask(self, prompt: str) -> Reply:
        with self._lock:
            self.asked.append(prompt)
            if self._left[prompt] > 0:
                self._left[prompt] -= 1
                raise NotAnswered("overloaded", self._trouble)
        return Reply(prompt.upper(), len(prompt), 2 * len(prompt))


PROMPTS = {"1": "a", "2": "b", "3": "c"}
WHO = Identity(artifact="sha256:a", prompt_template="sha256:p", decoding="sha256:d")


def gather(
    target: Any,
    folder: Path,
    prompts: dict[str, str] | None = None,
    *,
    identity: Identity = WHO,
    run_id: str = "run-1",
) -> Collected:
    """What a job does; what it keeps is what the next one knows."""
    folder.mkdir(exist_ok=True)
    asked = PROMPTS if prompts is None else prompts
    return collect(
        lambda: target, asked, Shelf(folder, folder), Author(identity, run_id), 3, lambda _done, _total: None
    )


def texts(collected: Collected) -> list[str | None]:
    return [answer.answer for answer in collected.answers]


def test_answers_come_in_the_order_of_the_rows(tmp_path: Path) -> None:
    found = gather(Moody(), tmp_path)

    assert [(answer.id, answer.prompt, answer.answer, answer.failure) for answer in found.answers] == [
        ("1", "a", "A", None),
        ("2", "b", "B", None),
        ("3", "c", "C", None),
    ]
    assert all(answer.latency_ms is not None for answer in found.answers)


def test_prompt_that_several_rows_have_is_asked_once(tmp_path: Path) -> None:
    target = Moody()

    found = gather(target, tmp_path, {"1": "a", "2": "b", "3": "a", "4": "a"})

    assert sorted(target.asked) == ["a", "b"]
    assert texts(found) == ["A", "B", "A", "A"]
    assert found.performance is not None
    assert (found.performance.answers, found.performance.model_calls) == (2, 2)


def test_second_run_asks_only_for_what_is_new(tmp_path: Path) -> None:
    gather(Moody(), tmp_path)
    again = Moody()

    found = gather(again, tmp_path, {**PROMPTS, "4": "d"}, run_id="run-2")

    assert again.asked == ["d"]
    assert texts(found) == ["A", "B", "C", "D"]
    assert found.performance is not None
    assert (found.performance.reused, found.performance.answers) == (3, 4)


def test_run_for_which_every_answer_is_known_needs_no_target(tmp_path: Path) -> None:
    first = gather(Moody(), tmp_path)

    def no_target() -> Any:
        raise AssertionError("nobody is to be asked")

    found = collect(no_target, PROMPTS, Shelf(tmp_path, tmp_path), Author(WHO, "run-2"), 3, lambda _d, _t: None)

    assert texts(found) == texts(first)
    # The figures of the answers come along.
    assert found.performance is not None
    assert found.performance.latency_p50_ms is not None
    assert found.performance.concurrency is None


@pytest.mark.parametrize("part", ["artifact", "prompt_template", "decoding", "guardrail", "tokenizer"])
def test_answers_of_another_candidate_are_not_used(tmp_path: Path, part: str) -> None:
    gather(Moody(), tmp_path)
    other = Moody()

    gather(other, tmp_path, identity=WHO.model_copy(update={part: "sha256:other"}))

    assert sorted(other.asked) == ["a", "b", "c"]


def test_job_that_died_left_what_it_was_told_and_the_next_goes_on_there(tmp_path: Path) -> None:
    class Dying(Moody):
        def ask(self, prompt: str) -> Reply:
            if prompt == "c":
                raise KeyboardInterrupt
            return super().ask(prompt)

    with pytest.raises(KeyboardInterrupt):
        gather(Dying(), tmp_path, {"1": "a", "3": "c"} | {"2": "b"})
    again = Moody()

    found = gather(again, tmp_path)

    assert "a" not in again.asked
    assert texts(found) == ["A", "B", "C"]


def test_failure_is_recorded_not_kept_and_asked_again_by_the_next_run(tmp_path: Path) -> None:
    found = gather(Moody({"b": 1}, Trouble.REFUSED), tmp_path)

    assert texts(found) == ["A", None, "C"]
    assert found.answers[1].failure == "overloaded"
    assert earlier(tmp_path, WHO).keys() == {"a", "c"}
    assert texts(gather(Moody(), tmp_path)) == ["A", "B", "C"]


def test_broken_file_of_kept_answers_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 and then nothing")

    assert texts(gather(Moody(), tmp_path)) == ["A", "B", "C"]


@pytest.mark.parametrize("complete", [True, False])
def test_word_is_left_whether_all_answers_are_known(tmp_path: Path, complete: bool) -> None:
    for one in (not complete, complete):
        say_known(tmp_path, "a" * 64, complete=one)

    assert json.loads((tmp_path / "known" / f"{'a' * 64}.json").read_text()) == {"complete": complete}


def test_endpoint_that_is_not_there_ends_the_job_with_what_to_do() -> None:
    with pytest.raises(EvaluationFailed, match="start the run again"):
        Endpoint.of(EndpointTarget(region="us-east-1"), Decoding(), 1, None)


def test_kept_answers_carry_all_that_identifies_them(tmp_path: Path) -> None:
    gather(Moody(), tmp_path)

    rows = [row for file in sorted(tmp_path.glob("*.parquet")) for row in pq.read_table(file).to_pylist()]
    row = next(row for row in rows if row["record_id"] == "2")
    assert row["candidate_fingerprint"] == WHO.fingerprint
    assert (row["artifact"], row["guardrail"], row["run_id"]) == ("sha256:a", None, "run-1")
    assert (row["prompt"], row["answer"], row["input_tokens"], row["output_tokens"]) == ("b", "B", 1, 2)
    assert row["prompt_fingerprint"].startswith("sha256:")
    assert row["latency_ms"] is not None


@pytest.mark.parametrize("trouble", [Trouble.THROTTLED])
def test_what_failed_for_a_passing_reason_is_asked_again(tmp_path: Path, trouble: Trouble) -> None:
    found = gather(Moody({"b": 2}, trouble), tmp_path)

    assert texts(found) == ["A", "B", "C"]
    assert found.performance is not None
    assert found.performance.model_calls == 5


def test_what_is_refused_for_good_is_asked_once(tmp_path: Path) -> None:
    target = Moody({"b": 9}, Trouble.REFUSED)

    gather(target, tmp_path)

    assert target.asked.count("b") == 1


def test_fault_in_our_own_code_is_a_failure_of_the_record_too(tmp_path: Path) -> None:
    class Faulty(Moody):
        def ask(self, prompt: str) -> Reply:
            if prompt == "b":
                raise KeyError("no such thing")
            return super().ask(prompt)

    found = gather(Faulty(), tmp_path)

    assert texts(found) == ["A", None, "C"]


def test_target_that_answers_nobody_ends_the_job_before_anything_is_paid(tmp_path: Path) -> None:
    target = Moody({"a": 99}, Trouble.FORBIDDEN)

    with pytest.raises(EvaluationFailed, match="did not answer the first prompt: overloaded"):
        gather(target, tmp_path)

    assert target.asked == ["a"]


def test_target_that_refuses_the_first_prompt_only_is_asked_the_others(tmp_path: Path) -> None:
    found = gather(Moody({"a": 9}, Trouble.REFUSED), tmp_path)

    assert texts(found) == [None, "B", "C"]


def test_target_that_refuses_each_of_the_first_prompts_ends_the_job(tmp_path: Path) -> None:
    prompts = {str(n): f"p{n}" for n in range(10)}
    target = Moody(dict.fromkeys(prompts.values(), 1), Trouble.REFUSED)

    with pytest.raises(EvaluationFailed, match="did not answer one of the first 3 prompts"):
        gather(target, tmp_path, prompts)

    assert target.asked == ["p0", "p1", "p2"]


def test_progress_is_reported_up_to_the_last_prompt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(tmp_path / "progress")
    shelf = Shelf(tmp_path, tmp_path)

    collect(Moody, PROMPTS, shelf, Author(WHO, "r"), 1, lambda done, total: reporter.report(Stage.ANSWERS, done, total))

    written = json.loads((tmp_path / "progress" / "progress.json").read_text())
    assert written == {"stage": "answers", "done": 3, "total": 3}
    assert capsys.readouterr().out.splitlines()[-1] == "answers=3/3"


def test_figures_of_what_is_not_known_are_none_and_never_nothing() -> None:
    told = [Measured(100.0, 10.0, 5, 2), Measured(300.0, 30.0, None, 4, intervened=True)]

    found = performance(told, model_calls=2, reused=0, concurrency=2)

    assert (found.latency_p50_ms, found.latency_p95_ms) == (100.0, 300.0)
    assert (found.input_tokens, found.output_tokens, found.machine_ms) == (None, 3.0, 20.0)
    assert found.intervened == 1
    nothing = performance([], model_calls=0, reused=0, concurrency=None)
    assert (nothing.latency_p50_ms, nothing.machine_ms, nothing.input_tokens) == (None, None, None)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.75, 3.0), (0.76, 4.0), (1.0, 4.0)])
def test_quantile_is_the_smallest_value_that_the_share_does_not_exceed(share: float, value: float) -> None:
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == value


def test_a_mean_counts_what_is_missing_and_is_none_where_all_is() -> None:
    rows = [Scores(id=str(number), values={Metric.F1: value}) for number, value in enumerate([1.0, None, 0.5])]

    assert mean_of(Metric.F1, rows) == MetricSummary(value=0.75, n=2, missing=1)
    assert mean_of(Metric.TOXICITY, rows) == MetricSummary(value=None, n=0, missing=3)
