"""The text-generation server: what it accepts, and which texts it continues together."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.batches import Batcher, Continuation, Work
from local.sagemaker.generation import BadRequest, Parameters, parse
from local.sagemaker.serve import BadModel, check_folder


def request(inputs: Any, **parameters: Any) -> bytes:
    return json.dumps({"inputs": inputs, "parameters": parameters}).encode()


def test_a_text_and_its_parameters_are_read() -> None:
    question = parse(request("Hi", max_new_tokens=5, stop=["\n"], temperature=None))

    assert question.inputs == ("Hi",)
    assert not question.several
    assert question.parameters == Parameters(max_new_tokens=5, stop=("\n",))


def test_several_texts_may_be_asked_at_once() -> None:
    assert parse(request(["a", "b"])).several


def test_a_temperature_of_zero_is_greedy_decoding() -> None:
    assert not parse(request("Hi", temperature=0, do_sample=False)).parameters.do_sample


@pytest.mark.parametrize(
    "body,reason",
    [
        (b"{", "not JSON"),
        (b"[]", "JSON object"),
        (b"{}", "`inputs` must be"),
        (request(""), "`inputs` must be"),
        (request(["a", 1]), "`inputs` must be"),
        (b'{"inputs": "a", "parameters": []}', "`parameters` must be"),
        (request("a", best_of=2), "unknown parameters: best_of"),
        (request("a", max_new_tokens="5"), "`max_new_tokens` must be int"),
        (request("a", max_new_tokens=True), "`max_new_tokens` must be int"),
        (request("a", max_new_tokens=0), "at least 1"),
        (request("a", do_sample=True, temperature=0), "greater than 0"),
        (request("a", top_p=2), "`top_p`"),
        (request("a", stop=[""]), "`stop` must be"),
    ],
)
def test_a_request_that_cannot_be_answered_is_told_why(body: bytes, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        parse(body)


class Scribe:
    """Continues texts with their own number, and remembers the batches. The first batch waits for `gate`."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = threading.Event()

    def __call__(self, batch: list[Work]) -> list[Continuation]:
        self.batches.append([work.tokens[0] for work in batch])
        self.gate.wait(10)
        return [Continuation(f"text {work.tokens[0]}", 1, "length") for work in batch]


def work(number: int, **parameters: Any) -> Work:
    made = Parameters(**parameters)
    return Work([number], made, made.group)


def test_texts_that_wait_are_continued_together() -> None:
    scribe = Scribe()
    batcher = Batcher(scribe, max_batch=2)
    works = [work(number) for number in range(5)]

    batcher.submit(works)
    scribe.gate.set()

    assert [item.result.result(10).text for item in works] == [f"text {number}" for number in range(5)]
    assert scribe.batches == [[0, 1], [2, 3], [4]]


def test_only_texts_with_the_same_decoding_share_a_batch() -> None:
    scribe = Scribe()
    scribe.gate.set()
    batcher = Batcher(scribe)
    works = [work(0), work(1, do_sample=True), work(2, max_new_tokens=7), work(3, do_sample=True, seed=1)]
    works.append(work(4, do_sample=True, seed=1))

    batcher.submit(works)
    for item in works:
        item.result.result(10)

    assert scribe.batches == [[0, 2], [1], [3], [4]]


def test_a_batch_that_fails_tells_its_callers_and_the_next_one_is_answered() -> None:
    answers: list[Any] = [ValueError("out of memory"), [Continuation("well", 1, "length")]]

    def generate(_batch: list[Work]) -> list[Continuation]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        result: list[Continuation] = answer
        return result

    batcher = Batcher(generate)
    first, second = work(1), work(2)
    batcher.submit([first])
    with pytest.raises(ValueError, match="out of memory"):
        first.result.result(10)

    batcher.submit([second])

    assert second.result.result(10).text == "well"


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").touch()
    (tmp_path / "pytorch_model.bin").touch()

    with pytest.raises(BadModel, match=r"pytorch_model\.bin may be a pickle"):
        check_folder(tmp_path)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="no safetensors"):
        check_folder(tmp_path)
