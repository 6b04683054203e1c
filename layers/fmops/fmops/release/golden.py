"""Golden prompts: some of the evaluation's rows, asked again of what is to serve."""

from collections.abc import Iterable

from fmops.core.ids import short_hash
from fmops.evaluation.models import Answer


def choose(answers: Iterable[Answer], count: int, salt: str) -> list[str]:
    """The ids of `count` rows that were answered: the same ones for the same salt, spread over all."""
    answered = [row.id for row in answers if row.answer and row.answer.strip()]
    return sorted(answered, key=lambda found: short_hash(salt, found, length=32))[:count]
