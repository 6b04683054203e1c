"""Capture records are read as SageMaker writes them; what can't be read is counted and the rest is used."""

import base64
import json
from typing import Any

import pytest

from fmops.monitoring.capture import Unreadable, exchanges, read


def record(event_id: str = "e1", answer: Any = None, encoding: str = "JSON", **changes: Any) -> bytes:
    def side(payload: Any) -> dict[str, str]:
        text = json.dumps(payload)
        data = base64.b64encode(text.encode()).decode() if encoding == "BASE64" else text
        return {"observedContentType": "application/json", "mode": "INPUT", "data": data, "encoding": encoding}

    found: dict[str, Any] = {
        "captureData": {
            "endpointInput": side({"inputs": "Why?", "parameters": {}}),
            "endpointOutput": side([{"generated_text": "Because."}] if answer is None else answer),
        },
        "eventMetadata": {"eventId": event_id, "inferenceTime": "2026-11-24T05:25:49Z"},
        "eventVersion": "0",
    }
    return json.dumps({**found, **changes}).encode()


@pytest.mark.parametrize("encoding", ["JSON", "BASE64"])
@pytest.mark.parametrize("answer", [[{"generated_text": "Because."}], {"generated_text": "Because."}])
def test_a_record_gives_prompt_and_answer(encoding: str, answer: Any) -> None:
    exchange = read(record(answer=answer, encoding=encoding))

    assert exchange == ("e1", "Why?", "Because.", "")


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]",
        b"{}",
        record()[:-20],
        record(captureData={"endpointInput": {"data": "{}", "encoding": "JSON"}}),
        record(answer={"error": "overloaded"}),
        record(answer=[]),
        record(eventMetadata={}),
        b"[" * 100_000,
    ],
)
def test_a_bad_record_is_unreadable(line: bytes) -> None:
    with pytest.raises(Unreadable):
        read(line)


def test_our_own_golden_prompts_are_no_traffic() -> None:
    ours = record("a", eventMetadata={"eventId": "a", "inferenceId": "fmops-golden-release-1"})

    assert [exchange.event_id for exchange in exchanges([ours, record("b")], [])] == ["b"]


def test_the_rest_of_a_file_is_used_and_each_event_once() -> None:
    unreadable: list[int] = []

    found = list(exchanges([record("a"), b"rubbish", b"", record("a"), record("b")], unreadable))

    assert [exchange.event_id for exchange in found] == ["a", "b"]
    assert unreadable == [2]
