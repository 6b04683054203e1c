"""One line of a capture file or of an invocation log as a record: rules without I/O, but for bodies that lie apart."""

import base64
import csv
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from fmops.core.ids import GOLDEN_INFERENCE_ID, OUR_METADATA
from fmops.monitoring.reading.payloads import MOST_TOKENS, Answered, answer_of, prompt_of
from fmops.usecases.models import UseCase
from fmops.usecases.releasing import request_metadata
from fmops.usecases.watching import Tenancy

Bodies = Callable[[str], bytes]
"""The content of an s3:// URI, unzipped."""


class Unreadable(ValueError):
    """A record that can't be used."""


class Record(NamedTuple):
    """One prompt and what was answered; of a one-sided record the other side is None."""

    event_id: str
    prompt: str | None
    answer: str | None
    inference_id: str = ""
    tenant: str = ""
    error: bool = False
    intervened: bool = False
    prompt_tokens: int = -1
    """As the model counted them; -1 where nobody did."""
    answer_tokens: int = -1


class _Side(msgspec.Struct):
    data: str
    encoding: str = "JSON"


class _Captured(msgspec.Struct):
    endpointInput: _Side | None = None  # noqa: N815 - AWS' names
    endpointOutput: _Side | None = None  # noqa: N815


class _Metadata(msgspec.Struct):
    eventId: str  # noqa: N815
    inferenceId: str | None = None  # noqa: N815
    customAttributes: list[str] | str | None = None  # noqa: N815


class _Asked(msgspec.Struct):
    inputBodyJson: Any = None  # noqa: N815
    inputBodyS3Path: str | None = None  # noqa: N815
    inputTokenCount: int | None = None  # noqa: N815


class _Said(msgspec.Struct):
    outputBodyJson: Any = None  # noqa: N815
    outputBodyS3Path: str | None = None  # noqa: N815
    outputTokenCount: int | None = None  # noqa: N815


class _Line(msgspec.Struct):
    """Either kind: what SageMaker captures has `captureData`, what Bedrock logs a `requestId`."""

    captureData: _Captured | None = None  # noqa: N815
    eventMetadata: _Metadata | None = None  # noqa: N815
    requestId: str | None = None  # noqa: N815
    modelId: str = ""  # noqa: N815
    errorCode: str | None = None  # noqa: N815
    input: _Asked | None = None
    output: _Said | None = None
    requestMetadata: dict[str, Any] | None = None  # noqa: N815


class _Inputs(msgspec.Struct):
    inputs: str


class _Generated(msgspec.Struct):
    generated_text: str


_line = msgspec.json.Decoder(_Line).decode
_lines = msgspec.json.Decoder(list[_Line]).decode
# The commonest shapes, read straight into what they are.
_inputs = msgspec.json.Decoder(_Inputs).decode
_generated = msgspec.json.Decoder(list[_Generated] | _Generated).decode
_NONE = Tenancy()


class Reading(NamedTuple):
    """How records are read."""

    tenancy: Tenancy = _NONE
    bodies: Bodies | None = None
    """Reads what Bedrock put apart; without it such a record is unreadable."""
    model_id: str = ""
    """Whose calls are read in Bedrock's logs: a model's or an inference profile's id or ARN. Empty: everybody's."""
    metadata: frozenset[tuple[str, str]] = frozenset()
    """What Bedrock's request metadata must hold: calls without it are passed over."""


def reading(use_case: UseCase, model_id: str, bodies: Bodies) -> Reading:
    """How the records of a use case are read; `model_id` is the model that its route names."""
    marks = frozenset(request_metadata(use_case.release).items())
    return Reading(use_case.monitoring.tenancy, bodies, model_id, marks)


def read(line: bytes, how: Reading = Reading()) -> list[Record]:  # noqa: B008 - it is immutable
    """The records of a line: one, or several where it is an array; none where it is other people's.

    Unreadable where it has no known shape.
    """
    try:
        found = _lines(line) if line[:1] == b"[" else [_line(line)]
        return [
            _sagemaker(one, how) if one.captureData is not None else _bedrock(one, how)
            for one in found
            if one.captureData is not None or _is_wanted(one, how)
        ]
    except Unreadable:
        raise
    except (ValueError, RecursionError, TypeError, csv.Error, KeyError, AttributeError) as error:
        raise Unreadable(type(error).__name__) from error


def _sagemaker(line: _Line, how: Reading) -> Record:
    captured, metadata = line.captureData, line.eventMetadata
    if captured is None or metadata is None or not metadata.eventId:
        raise Unreadable("no event id")
    asked, said = captured.endpointInput, captured.endpointOutput
    if asked is None and said is None:
        raise Unreadable("neither side was captured")
    prompt = None if asked is None else _prompt(asked)
    inference_id = metadata.inferenceId or ""
    tenant = _tenant(how.tenancy, inference_id, metadata.customAttributes, None)
    if said is None:
        return Record(metadata.eventId, prompt, None, inference_id, tenant)
    text = _generated_text(said)
    if text is not None:
        return Record(metadata.eventId, prompt, text, inference_id, tenant)
    return _record(metadata.eventId, prompt, _answer(said), inference_id, tenant)


def _prompt(side: _Side) -> str:
    if side.encoding == "JSON":
        try:
            return _inputs(side.data).inputs
        except msgspec.ValidationError:
            pass
    found = prompt_of(_payload(side))
    if found is None:
        raise Unreadable("the prompt is in no known format")
    return found


def _generated_text(side: _Side) -> str | None:
    """The answer where it has the commonest shape, and nothing but a text."""
    if side.encoding != "JSON":
        return None
    try:
        found = _generated(side.data)
    except msgspec.ValidationError:
        return None
    one = found[0] if isinstance(found, list) and len(found) == 1 else found
    return one.generated_text if isinstance(one, _Generated) else None


def _answer(side: _Side) -> Answered:
    answered = answer_of(_payload(side))
    if answered is None:
        raise Unreadable("the answer is in no known format")
    return answered


def _payload(side: _Side) -> Any:
    """What a side holds; it is a text even where it is JSON."""
    data = side.data
    if side.encoding == "BASE64":
        data = base64.b64decode(data, validate=True).decode()
    if side.encoding == "CSV":
        return _cell(data)
    stripped = data.lstrip()
    if stripped.startswith(("data:", "event:")):
        return _server_sent(stripped)
    try:
        return json.loads(data)
    except json.JSONDecodeError:
        # Base64 is what SageMaker takes for types that nobody named: CSV and plain text among them.
        if side.encoding == "JSON" or stripped[:1] in ("{", "["):
            raise
        return _cell(data)


def _cell(data: str) -> str:
    """The first cell of the first row."""
    row = next(csv.reader(data.splitlines()), [])
    if not row:
        raise Unreadable("an empty CSV payload")
    return row[0]


def _server_sent(text: str) -> list[Any]:
    """The pieces of a stream of server-sent events."""
    pieces = (line[5:].strip() for line in text.splitlines() if line.startswith("data:"))
    return [json.loads(piece) for piece in pieces if piece and piece != "[DONE]"]


def _bedrock(line: _Line, how: Reading) -> Record:
    if not line.requestId:
        raise Unreadable("neither a captured record nor an invocation log")
    asked, said = line.input or _Asked(), line.output or _Said()
    body = _body(asked.inputBodyJson, asked.inputBodyS3Path, how)
    prompt = None if body is None else prompt_of(body)
    if body is not None and prompt is None:
        raise Unreadable("the prompt is in no known format")
    answered: Answered | None = None
    if line.errorCode:
        answered = Answered("", error=True)
    else:
        body = _body(said.outputBodyJson, said.outputBodyS3Path, how)
        answered = None if body is None else answer_of(body)
        if body is not None and answered is None:
            raise Unreadable("the answer is in no known format")
    if prompt is None and answered is None:
        raise Unreadable("neither side was logged")
    tenant = _tenant(how.tenancy, "", None, line.requestMetadata)
    ours = GOLDEN_INFERENCE_ID if _bears(line, OUR_METADATA.items()) else ""
    record = _record(line.requestId, prompt, answered, ours, tenant)
    for name, count in (("prompt_tokens", asked.inputTokenCount), ("answer_tokens", said.outputTokenCount)):
        if count is not None and 0 <= count < MOST_TOKENS:
            record = record._replace(**{name: count})  # type: ignore[arg-type]
    return record


def _is_wanted(line: _Line, how: Reading) -> bool:
    """Whether a call that Bedrock logged is of the traffic that is read; our own calls are, to be counted as ours."""
    # A call by an inference profile is logged by the profile's ARN.
    if how.model_id and line.modelId.rpartition("/")[2] != how.model_id.rpartition("/")[2]:
        return False
    return _bears(line, how.metadata) or _bears(line, OUR_METADATA.items())


def _bears(line: _Line, marks: Iterable[tuple[str, str]]) -> bool:
    metadata = line.requestMetadata or {}
    return all(metadata.get(name) == value for name, value in marks)


def _body(inline: Any, path: str | None, how: Reading) -> Any:
    if isinstance(inline, str) and inline.lstrip()[:1] in ("{", "["):
        # Some records hold the body as a text.
        return msgspec.json.decode(inline)
    if inline is not None or path is None:
        return inline
    if how.bodies is None:
        raise Unreadable("the body lies apart and can't be read here")
    return msgspec.json.decode(how.bodies(path))


def _record(event_id: str, prompt: str | None, said: Answered | None, inference_id: str, tenant: str) -> Record:
    if said is None:
        return Record(event_id, prompt, None, inference_id, tenant)
    asked_tokens = -1 if said.prompt_tokens is None else said.prompt_tokens
    said_tokens = -1 if said.answer_tokens is None else said.answer_tokens
    return Record(
        event_id, prompt, said.text, inference_id, tenant, said.error, said.intervened, asked_tokens, said_tokens
    )


def _tenant(
    how: Tenancy, inference_id: str, attributes: list[str] | str | None, metadata: dict[str, Any] | None
) -> str:
    """Whose record it is; empty where that is not known."""
    if how.source == "none":
        return ""
    if how.source == "inference_id":
        return inference_id.partition(how.separator)[0] if how.separator in inference_id else ""
    if how.source == "request_metadata":
        return str((metadata or {}).get(how.key, ""))
    for given in [attributes] if isinstance(attributes, str) else attributes or []:
        for pair in given.replace(";", ",").split(","):
            name, _, value = pair.partition("=")
            if name.strip() == how.key:
                return value.strip()
    return ""
