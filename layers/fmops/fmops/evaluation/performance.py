"""How fast a candidate answered, and with how many tokens. Unknown is None, never 0."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pydantic import Field

from fmops.core.models import Ours


class Measured(NamedTuple):
    """What one good answer took."""

    latency_ms: float
    machine_ms: float | None
    """Its share of the target's time, which it had together with all others that were under way."""
    input_tokens: int | None
    output_tokens: int | None
    intervened: bool = False


class Performance(Ours):
    """The member `performance` of `summary.json`: over the distinct prompts that were answered."""

    answers: int = Field(ge=0)
    model_calls: int = Field(ge=0)
    """Requests that this job sent, repetitions among them."""
    reused: int = Field(ge=0)
    """Answers that an earlier job had got from the same candidate."""
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    input_tokens: float | None
    """For one prompt, on average; likewise the next."""
    output_tokens: float | None
    machine_ms: float | None
    """Of the target's time, for one answer, on average."""
    concurrency: int | None
    """The most prompts that this job had under way at once; None where it asked nothing."""
    intervened: int = Field(ge=0)
    """Answers that a guardrail gave in the model's place."""


def performance(measured: Sequence[Measured], *, model_calls: int, reused: int, concurrency: int | None) -> Performance:
    """The figures over all answers."""
    latencies = sorted(one.latency_ms for one in measured)
    return Performance(
        answers=len(measured),
        model_calls=model_calls,
        reused=reused,
        latency_p50_ms=quantile(latencies, 0.5),
        latency_p95_ms=quantile(latencies, 0.95),
        input_tokens=_mean(one.input_tokens for one in measured),
        output_tokens=_mean(one.output_tokens for one in measured),
        machine_ms=_mean(one.machine_ms for one in measured),
        concurrency=concurrency,
        intervened=sum(one.intervened for one in measured),
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` of the values do not exceed; None of no values."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _mean(values: Iterable[float | None]) -> float | None:
    """None where one value is not known: a mean over the others would be about other answers."""
    known: list[float] = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return round(math.fsum(known) / len(known), 3) if known else None
