"""From the judge's words to a verdict, and from the verdicts of both orders to an outcome."""

import re
from enum import StrEnum

from fmops.evaluation.judge.prompts import GRADES, Asked

# What models put around a line that they want seen.
_ORNAMENT = " \t*_`\"'#>.:-"


class Preference(StrEnum):
    """Which of two answers the judge finds better, by its place in the prompt."""

    FIRST = "1"
    SECOND = "2"
    TIE = "tie"


class Outcome(StrEnum):
    """How a candidate's answer stands beside the reference's."""

    WIN = "win"
    TIE = "tie"
    LOSS = "loss"


SCORES = {Outcome.WIN: 1.0, Outcome.TIE: 0.5, Outcome.LOSS: 0.0}


def preference(asked: Asked, said: str | None) -> Preference | None:
    """The verdict on two answers; None where there is none to be read."""
    word = _verdict(asked, said)
    return Preference(word) if word in {one.value for one in Preference} else None


def grade(asked: Asked, said: str | None) -> int | None:
    """The grade of an answer; None where there is none to be read."""
    word = _verdict(asked, said)
    return int(word) if word in {str(one) for one in GRADES} else None


def graded(given: int) -> float:
    """A grade as a score between 0 and 1."""
    return (given - GRADES[0]) / (GRADES[-1] - GRADES[0])


def outcome(forward: Preference | None, backward: Preference | None) -> Outcome | None:
    """From the verdicts with the candidate first and with the reference first.

    A judge that prefers a place and not an answer has preferred neither: what the orders disagree about is a tie.
    None where one of the two could not be read.
    """
    if forward is None or backward is None:
        return None
    if (forward, backward) == (Preference.FIRST, Preference.SECOND):
        return Outcome.WIN
    if (forward, backward) == (Preference.SECOND, Preference.FIRST):
        return Outcome.LOSS
    return Outcome.TIE


def _verdict(asked: Asked, said: str | None) -> str | None:
    """What stands behind the code on the last line. An answer that brings a verdict of its own can't know the code."""
    lines = [line for line in (said or "").splitlines() if line.strip(_ORNAMENT)]
    if not lines:
        return None
    found = re.fullmatch(rf"{re.escape(asked.code)}[\s:*]*(\w+)", lines[-1].strip(_ORNAMENT), re.IGNORECASE)
    return found[1].lower() if found else None
