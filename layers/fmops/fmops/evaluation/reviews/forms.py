"""What a reviewer may send, and what it means: pure rules."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from fmops.core.plain import one_line
from fmops.evaluation.reviews.models import LONGEST_COMMENT, Choice
from fmops.text.pii import mask


class FormRefused(Exception):
    """The form misses something; the text tells the reviewer what."""


class Sent(NamedTuple):
    """A form that can be acted on."""

    action: Literal["save", "send"]
    item: str = ""
    choice: Choice | None = None
    comment: str = ""


def item_of(fields: Mapping[str, str], assigned: Sequence[str]) -> str | None:
    """The item that a form is about; None where it is none of the reviewer's."""
    item = fields.get("item", "")
    return item if item in assigned else None


def read(fields: Mapping[str, str], assigned: Sequence[str]) -> Sent:
    """What a form asks for. FormRefused where that can't be done."""
    match fields.get("action"):
        case "send":
            return Sent("send")
        case "save":
            return _vote(fields, assigned)
        case _:
            raise FormRefused("The form could not be read; please try again")


def comment(fields: Mapping[str, str]) -> str:
    """The comment without what names or reaches a person, on one line."""
    return one_line(mask(fields.get("comment", "")), LONGEST_COMMENT)


def _vote(fields: Mapping[str, str], assigned: Sequence[str]) -> Sent:
    item = item_of(fields, assigned)
    if item is None:
        raise FormRefused("These answers are not on your sheet; please go on with one that is")
    if fields.get("choice") not in {choice.value for choice in Choice}:
        raise FormRefused("Choose one of the four: A, B, both good or both bad")
    return Sent("save", item, Choice(fields["choice"]), comment(fields))
