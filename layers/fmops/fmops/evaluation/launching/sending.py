"""How a use case's decoding is sent."""

from fmops.evaluation.models import Decoding
from fmops.usecases import candidates


def decoding(wanted: candidates.Decoding) -> Decoding:
    """A use case's decoding in the form that the evaluation job sends. Temperature 0 is greedy."""
    sampled = wanted.temperature > 0
    return Decoding(
        max_new_tokens=wanted.max_new_tokens,
        temperature=wanted.temperature if sampled else None,
        top_p=wanted.top_p if sampled and wanted.top_p < 1 else None,
        do_sample=sampled,
        stop=tuple(wanted.stop),
    )
