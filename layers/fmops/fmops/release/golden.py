"""Golden prompts: a few of the evaluation's, asked again of the endpoint that is to serve."""

import unicodedata
from collections.abc import Iterable, Sequence

from fmops.core.ids import short_hash
from fmops.evaluation.models import Answer
from fmops.release.models import Golden, Verification

# The share of greedy answers that must come again word by word. Not all: floating point on other hardware, or in
# another batch, now and then turns the choice between two nearly equal words.
LEAST_SHARE = 0.75


def choose(answers: Iterable[Answer], count: int, salt: str) -> list[Golden]:
    """`count` of the prompts that were answered: the same ones for the same salt, spread over all."""
    answered = [
        Golden(id=row.id, prompt=row.prompt, answer=row.answer) for row in answers if row.answer and row.answer.strip()
    ]
    return sorted(answered, key=lambda golden: short_hash(salt, golden.id, length=32))[:count]


def judge(goldens: Sequence[Golden], given: Sequence[str | None], *, greedy: bool) -> Verification:
    """Compare what was answered with the evaluation. None in `given` is a prompt that got no answer."""
    pairs = list(zip(goldens, given, strict=True))
    return Verification(
        asked=len(pairs),
        answered=sum(bool(answer and answer.strip()) for _, answer in pairs),
        compared=len(pairs) if greedy else 0,
        matched=sum(greedy and answer is not None and same(golden.answer, answer) for golden, answer in pairs),
    )


def problem(found: Verification) -> str | None:
    """What is wrong with how the golden prompts were answered, for people; None if nothing is."""
    if not found.asked:
        return "the evaluation holds no answer to compare with, so nothing could be verified"
    if found.answered < found.asked:
        return f"{found.asked - found.answered} of {found.asked} golden prompts got no answer"
    if found.share is not None and found.share < LEAST_SHARE:
        return (
            f"only {found.matched} of {found.compared} golden prompts were answered as in the evaluation; "
            f"at least {LEAST_SHARE:.0%} must be"
        )
    return None


def same(one: str, other: str) -> bool:
    """Whether two answers are equal but for case, spaces and the spelling of characters."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
