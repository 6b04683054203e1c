"""What answers took and cost, from the jobs' summaries."""

from collections.abc import Iterable

from fmops.selection.details import Speed
from fmops.selection.scores import Evaluated


def speeds(evaluated: Iterable[Evaluated]) -> dict[str, Speed]:
    """By candidate; whoever was not measured and has no price is left out."""
    return {candidate.id: found for candidate in evaluated if (found := _speed(candidate))}


def _speed(candidate: Evaluated) -> Speed | None:
    measured, usd = candidate.summary.performance, candidate.cost_usd_per_1000
    if measured is None:
        return Speed(usd_per_1000=usd) if usd is not None else None
    return Speed(
        answers=measured.answers,
        latency_p50_ms=measured.latency_p50_ms,
        latency_p95_ms=measured.latency_p95_ms,
        input_tokens=measured.input_tokens,
        output_tokens=measured.output_tokens,
        concurrency=measured.concurrency,
        reused=measured.reused,
        intervened=measured.intervened,
        usd_per_1000=usd,
    )
