"""Records are read as SageMaker and Bedrock write them; what can't be read is told, and the rest is used."""

import base64
import json
from typing import Any

import pytest

from fmops.monitoring.profile.batches import Tally, batches
from fmops.monitoring.reading.payloads import answer_of, prompt_of
from fmops.monitoring.reading.records import Reading, Unreadable, read
from fmops.usecases.watching import Tenancy


def side(payload: Any, encoding: str = "JSON", *, raw: bool = False) -> dict[str, str]:
    text = payload if raw else json.dumps(payload)
    data = base64.b64encode(text.encode()).decode() if encoding == "BASE64" else text
    return {"observedContentType": "application/json", "mode": "INPUT", "data": data, "encoding": encoding}


def record(event_id: str = "e1", answer: Any = None, encoding: str = "JSON", **changes: Any) -> bytes:
    found: dict[str, Any] = {
        "captureData": {
            "endpointInput": side({"inputs": "Why?", "parameters": {}}, encoding),
            "endpointOutput": side([{"generated_text": "Because."}] if answer is None else answer, encoding),
        },
        "eventMetadata": {"eventId": event_id, "inferenceTime": "2026-11-24T05:25:49Z"},
        "eventVersion": "0",
    }
    return json.dumps({**found, **changes}).encode()


def logged(asked: Any = None, said: Any = None, **changes: Any) -> bytes:
    found: dict[str, Any] = {
        "schemaType": "ModelInvocationLog",
        "requestId": "r1",
        "modelId": "anthropic.claude-3-haiku-20240307-v1:0",
        "input": asked or {"inputBodyJson": {"inputText": "Why?"}, "inputTokenCount": 3},
        "output": said or {"outputBodyJson": {"results": [{"outputText": "Because."}]}, "outputTokenCount": 2},
    }
    return json.dumps({**found, **changes}).encode()


@pytest.mark.parametrize("encoding", ["JSON", "BASE64"])
@pytest.mark.parametrize("answer", [[{"generated_text": "Because."}], {"generated_text": "Because."}])
def test_a_record_gives_prompt_and_answer(encoding: str, answer: Any) -> None:
    (found,) = read(record(answer=answer, encoding=encoding))

    assert found[:3] == ("e1", "Why?", "Because.")


@pytest.mark.parametrize("encoding", ["CSV", "BASE64"])
def test_csv_gives_its_first_cell(encoding: str) -> None:
    captured = {
        "endpointInput": side('"Why, then?",7\n', encoding, raw=True),
        "endpointOutput": side("Because.\n", encoding, raw=True),
    }

    (found,) = read(record(captureData=captured))

    assert found[:3] == ("e1", "Why, then?", "Because.")


def test_a_one_sided_record_keeps_its_side() -> None:
    (asked,) = read(record(captureData={"endpointInput": side({"inputs": "Why?"})}))
    (said,) = read(record(captureData={"endpointOutput": side({"generated_text": "Because."})}))

    assert (asked.prompt, asked.answer) == ("Why?", None)
    assert (said.prompt, said.answer) == (None, "Because.")


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"[]x",
        b"{}",
        b"7",
        record()[:-20],
        record(captureData={}),
        record(captureData={"endpointInput": side("{", raw=True)}),
        record(captureData={"endpointInput": {"data": "=", "encoding": "BASE64"}}),
        record(answer=[]),
        record(answer={"surprise": 1}),
        record(eventMetadata={}),
        record(eventMetadata=None),
        logged({"inputBodyS3Path": "s3://b/k"}),
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_bad_record_is_unreadable(line: bytes) -> None:
    with pytest.raises(Unreadable):
        read(line)


def test_an_error_that_was_captured_is_an_error_and_no_answer() -> None:
    (found,) = read(record(answer={"error": "overloaded"}))
    (other,) = read(logged(errorCode="ThrottlingException"))

    assert (found.error, found.answer, other.error) == (True, "", True)


@pytest.mark.parametrize(
    "body,text",
    [
        ({"inputs": "a"}, "a"),
        ({"inputs": ["a", "b"]}, "a\nb"),
        ({"messages": [{"role": "user", "content": "old"}, {"role": "assistant", "content": "x"}]}, "old"),
        ({"messages": [{"role": "user", "content": [{"text": "a"}, {"image": {}}, {"text": "b"}]}]}, "a\nb"),
        ({"system": "s", "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}, "a"),
        ({"prompt": "a"}, "a"),
        ({"inputText": "a"}, "a"),
        ({"message": "a"}, "a"),
        ("a", "a"),
        ({"x": 1}, None),
        (7, None),
        ({"messages": [{"role": "assistant", "content": "x"}]}, None),
    ],
)
def test_prompts_are_found_in_what_servers_and_providers_take(body: Any, text: str | None) -> None:
    assert prompt_of(body) == text


@pytest.mark.parametrize(
    "body,text",
    [
        ({"choices": [{"message": {"role": "assistant", "content": "a"}}]}, "a"),
        ({"choices": [{"text": "a"}]}, "a"),
        ({"output": {"message": {"content": [{"text": "a"}]}}, "stopReason": "end_turn"}, "a"),
        ({"content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn"}, "a"),
        ({"completion": "a"}, "a"),
        ({"generation": "a"}, "a"),
        ({"outputs": [{"text": "a"}]}, "a"),
        ({"generations": [{"text": "a"}]}, "a"),
        ([{"outputText": "a"}, {"outputText": "b"}], "ab"),
        ([{"type": "message_start"}, {"delta": {"text": "a"}}, {"delta": {"text": "b"}}, {"delta": {}}], "ab"),
        ([{"contentBlockDelta": {"delta": {"text": "a"}}}, {"messageStop": {"stopReason": "end_turn"}}], "a"),
        ([{"choices": [{"delta": {"content": "a"}}]}, {"choices": [{"delta": {}}]}], "a"),
        ([{"token": {"text": "a"}}, {"token": {"text": "b"}}], "ab"),
        ([{"generated_text": "a"}], "a"),
    ],
)
def test_answers_are_found_in_what_servers_and_providers_give(body: Any, text: str) -> None:
    found = answer_of(body)

    assert found is not None
    assert found.text == text


@pytest.mark.parametrize("body", [7, {}, [], [{"x": 1}], [7], {"choices": []}, None])
def test_an_answer_of_no_known_shape_is_none(body: Any) -> None:
    assert answer_of(body) is None


def test_guardrail_interventions_and_token_counts_are_read() -> None:
    body = {
        "output": {"message": {"content": [{"text": "No."}]}},
        "stopReason": "guardrail_intervened",
        "usage": {"inputTokens": 35, "outputTokens": 4},
    }

    found = answer_of(body)

    assert found is not None
    assert (found.intervened, found.prompt_tokens, found.answer_tokens) == (True, 35, 4)


def test_a_log_of_bedrock_gives_texts_tokens_and_tenant() -> None:
    how = Reading(Tenancy(source="request_metadata", key="team"))

    (found,) = read(logged(requestMetadata={"team": "blue"}), how)

    assert found[:3] == ("r1", "Why?", "Because.")
    assert (found.tenant, found.prompt_tokens, found.answer_tokens) == ("blue", 3, 2)


def test_bodies_that_lie_apart_are_fetched_and_a_body_may_be_a_text() -> None:
    bodies = {"s3://logs/data/x_output.json.gz": b'{"completion": "Because."}'}
    asked = {"inputBodyJson": json.dumps({"inputText": "Why?"})}
    said = {"outputBodyS3Path": "s3://logs/data/x_output.json.gz"}

    (found,) = read(logged(asked, said), Reading(bodies=bodies.__getitem__))

    assert found[:3] == ("r1", "Why?", "Because.")
    with pytest.raises(Unreadable):
        read(logged(asked, {"outputBodyS3Path": "s3://logs/none"}), Reading(bodies=bodies.__getitem__))


def test_a_line_may_be_an_array_of_records() -> None:
    line = b"[" + logged() + b"," + logged(requestId="r2") + b"]"

    assert [found.event_id for found in read(line)] == ["r1", "r2"]


@pytest.mark.parametrize(
    "tenancy,metadata,tenant",
    [
        (Tenancy(source="inference_id"), {"inferenceId": "blue:7"}, "blue"),
        (Tenancy(source="inference_id"), {"inferenceId": "7"}, ""),
        (Tenancy(source="custom_attribute"), {"customAttributes": ["trace=1,tenant=blue"]}, "blue"),
        (Tenancy(source="custom_attribute", key="team"), {"customAttributes": ["team=blue"]}, "blue"),
        (Tenancy(), {"inferenceId": "blue:7"}, ""),
    ],
)
def test_a_tenant_is_read_where_the_use_case_says(tenancy: Tenancy, metadata: dict[str, Any], tenant: str) -> None:
    (found,) = read(record(eventMetadata={"eventId": "e", **metadata}), Reading(tenancy))

    assert found.tenant == tenant


def test_our_own_golden_prompts_are_no_traffic() -> None:
    ours = record("a", eventMetadata={"eventId": "a", "inferenceId": "fmops-golden-release-1"})
    tally = Tally()

    found = [one.event_id for batch in batches([ours, record("b")], Reading(), tally) for one in batch.records]

    assert (found, tally.ours) == (["b"], 1)


def test_the_rest_of_a_file_is_used_and_each_event_once() -> None:
    refused: list[bytes] = []
    tally = Tally(lambda line, _why: refused.append(line))
    lines = [record("a"), b"rubbish", b"", b"  ", record("a"), record("b")]

    (batch,) = batches(lines, Reading(), tally)

    assert [one.event_id for one in batch.records] == ["a", "b"]
    assert (len(batch.seen), tally.unreadable, refused) == (3, 1, [b"rubbish"])


def test_an_event_is_known_again_in_a_later_batch() -> None:
    lines = [record(str(n % 700)) for n in range(2_000)]

    found = list(batches(lines, Reading(), Tally()))

    assert sorted(one.event_id for batch in found for one in batch.records) == sorted({str(n) for n in range(700)})
    assert sum(len(batch.seen) for batch in found) == 2_000
