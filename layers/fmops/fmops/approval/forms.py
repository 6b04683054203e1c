"""What an approver may send, and what it means: pure rules."""

from collections.abc import Mapping

from fmops.approval.models import Choice
from fmops.approval.wording import clean, clean_lines

_LONGEST_REASON = 1000


class FormRefused(Exception):
    """The form misses something; the text tells the approver what."""


class NotAllowed(FormRefused):
    """This approver may not decide so."""


def read(fields: Mapping[str, str], short_name: str, *, may_approve: bool = True) -> Choice:
    """The decision that a form makes. FormRefused where it makes none, NotAllowed where this approver may not."""
    reason = clean_lines(fields.get("reason", ""), _LONGEST_REASON)
    match fields.get("decision"):
        case "approve":
            if not may_approve:
                raise NotAllowed("You submitted this run, so somebody else must approve it; you may reject it")
            if clean(fields.get("confirmation", "")).casefold() != short_name.casefold():
                raise FormRefused(f"To approve, type the short name exactly: {short_name}")
            return Choice(decision="approved", reason=reason)
        case "reject":
            if not reason:
                raise FormRefused("To reject, give a reason: it helps whoever works on the next model")
            return Choice(decision="rejected", reason=reason)
        case _:
            raise FormRefused("Choose approve or reject")


def short_name(candidate: str) -> str:
    """What an approver types to approve: the candidate's id, in characters that every keyboard has."""
    plain = "".join(sign for sign in clean(candidate, 200) if sign.isascii() and (sign.isalnum() or sign in "-_. "))
    return clean(plain, 40).rstrip("…") or "approve"
