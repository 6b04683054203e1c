"""The mail that asks a reviewer: plain text that stands alone, with one link. It holds no question and no answer."""

from typing import NamedTuple

from fmops.core.clock import iso
from fmops.core.plain import one_line
from fmops.evaluation.reviews.models import ReviewRecord

_LONGEST_SUBJECT = 99


class Mail(NamedTuple):
    """What SNS is given."""

    subject: str
    text: str


def ask(review: ReviewRecord, items: int, url: str) -> Mail:
    """The mail with which one reviewer is asked about `items` pairs of answers; `url` is theirs alone."""
    pairs = "1 pair of answers" if items == 1 else f"{items} pairs of answers"
    until = iso(review.expires_at)
    lines = [
        f"You are asked to compare {pairs} for {review.use_case}.",
        "",
        "For each question you see two answers, A and B, and say which is better. Which model wrote which is not",
        "shown, and changes from question to question.",
        "",
        "You may stop and go on later: what you have saved is kept, and can be changed until you send it in.",
        f"Open until {until[:10]} {until[11:16]} UTC; what is saved by then counts.",
        "",
        "Compare the answers here (opening the page changes nothing):",
        url,
        "",
        "This link is yours alone and votes in your name: please do not forward it.",
        f"Run: {review.run_id}",
        "",
    ]
    return Mail(one_line(f"Compare {pairs} for {review.use_case}", _LONGEST_SUBJECT), "\n".join(lines))
