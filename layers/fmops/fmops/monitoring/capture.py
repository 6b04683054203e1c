"""Reads the records that an endpoint captured: rules without I/O."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

from fmops.core.ids import GOLDEN_INFERENCE_ID
from fmops.monitoring.models import Exchange


class Unreadable(ValueError):
    """A record that can't be used."""


def exchanges(lines: Iterable[bytes], unreadable: list[int]) -> Iterator[Exchange]:
    """The usable records of a capture file, each event once; numbers of lines that can't be read go to `unreadable`.

    The golden prompts of a release are left out: they are ours, not production's.
    """
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            exchange = read(line)
        except Unreadable:
            unreadable.append(number)
            continue
        if exchange.inference_id.startswith(GOLDEN_INFERENCE_ID):
            continue
        if exchange.event_id not in seen:
            seen.add(exchange.event_id)
            yield exchange


def read(line: bytes) -> Exchange:
    """One record. Unreadable where it is malformed, one-sided, or not in the text-generation format."""
    try:
        record = json.loads(line)
        captured = record["captureData"]
        prompt = _payload(captured["endpointInput"])["inputs"]
        answer = _payload(captured["endpointOutput"])
        event_id = record["eventMetadata"]["eventId"]
        inference_id = record["eventMetadata"].get("inferenceId") or ""
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error
    # Text-generation servers answer with an object, or with a list of one.
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    text = answer.get("generated_text") if isinstance(answer, dict) else None
    if not isinstance(prompt, str) or not isinstance(text, str) or not isinstance(event_id, str):
        raise Unreadable("not in the text-generation format")
    return Exchange(event_id, prompt, text, str(inference_id))


def _payload(side: dict[str, Any]) -> Any:
    """What a side holds; it is a text even where it is JSON."""
    data = side["data"]
    if side["encoding"] == "BASE64":
        data = base64.b64decode(data, validate=True).decode()
    return json.loads(data)
