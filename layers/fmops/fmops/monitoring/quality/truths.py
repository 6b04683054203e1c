"""Lines of ground truth, in the format of SageMaker Model Monitor: rules without I/O.

`{"groundTruthData": {"data": "…", "encoding": "CSV"}, "eventMetadata": {"eventId": "…"}, "eventVersion": "0"}`; the
event id is the InferenceId that the endpoint was called with, or else the captured record's event id.
"""

import base64
import csv
import json
from binascii import Error as BadBase64
from collections.abc import Callable, Iterable

from fmops.core.models import Theirs

_LONGEST = 64 * 1024


class UnreadableTruth(ValueError):
    """A line that is no truth."""


class _Data(Theirs):
    data: str
    encoding: str = "CSV"


class _Event(Theirs):
    eventId: str  # noqa: N815 - AWS' names


class _Line(Theirs):
    groundTruthData: _Data  # noqa: N815
    eventMetadata: _Event  # noqa: N815


class Truths:
    """What is known, by id. Lines come in the order in which they were collected: the last one of an id counts."""

    def __init__(self, refuse: Callable[[bytes], None]) -> None:
        """`refuse` is given each line that can't be read."""
        self.known: dict[str, str] = {}
        self.corrected: set[str] = set()
        self.unreadable = 0
        self._refuse = refuse

    def add(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if not line or line.isspace():
                continue
            try:
                event_id, text = read(line)
            except UnreadableTruth:
                self.unreadable += 1
                self._refuse(line)
                continue
            if self.known.get(event_id, text) != text:
                self.corrected.add(event_id)
            self.known[event_id] = text


def read(line: bytes) -> tuple[str, str]:
    """The id and the truth of a line. UnreadableTruth where it is in another format."""
    try:
        found = _Line.model_validate_json(line)
        text = _text(found.groundTruthData)
    except (ValueError, TypeError, BadBase64, csv.Error, RecursionError) as error:
        raise UnreadableTruth(type(error).__name__) from error
    if not found.eventMetadata.eventId or not text.strip() or len(text) > _LONGEST:
        raise UnreadableTruth("no id, no text, or a text that is too long")
    return found.eventMetadata.eventId, text


def _text(found: _Data) -> str:
    match found.encoding:
        case "CSV":
            # A quoted field is unquoted; a text with commas that nobody quoted is one text all the same.
            fields = next(csv.reader([found.data]), [])
            return fields[0] if len(fields) == 1 else found.data
        case "JSON":
            value = json.loads(found.data)
            if not isinstance(value, str):
                raise TypeError("the JSON is no text")
            return value
        case "BASE64":
            return base64.b64decode(found.data, validate=True).decode()
        case _:
            raise ValueError("an encoding that we do not know")
