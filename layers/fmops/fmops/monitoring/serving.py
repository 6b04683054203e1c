"""What served a window: its price, and which share of its calls is to be found in the records. Rules without I/O."""

from typing import NamedTuple

from fmops.catalog.prices import known_per_hour
from fmops.catalog.token_prices import per_million_tokens
from fmops.monitoring.models import Target, Window
from fmops.monitoring.profile.model import Profile
from fmops.usecases.candidates import BedrockCandidate
from fmops.usecases.models import UseCase
from fmops.usecases.releasing import endpoint_target, request_metadata


class Serving(NamedTuple):
    """Of one window."""

    cost_usd: float | None
    """None: unknown."""
    sampled: float | None
    """Of the calls that CloudWatch counts; None where it counts other people's, too."""


def serving(use_case: UseCase, target: Target, window: Window, profile: Profile) -> Serving:
    """An endpoint costs by the hour and captures a share; a model of Bedrock costs by its tokens and all is logged."""
    if target.model_id:
        return Serving(_by_tokens(use_case, target, profile), None if request_metadata(use_case.release) else 1.0)
    hosted = endpoint_target(use_case.release)
    hourly = known_per_hour(hosted.instance_type)
    cost = None if hourly is None else hourly * hosted.instance_count * window.hours
    return Serving(cost, hosted.capture_percent / 100)


def _by_tokens(use_case: UseCase, target: Target, profile: Profile) -> float | None:
    """As it is priced in the use case, where it still has the candidate; else as the catalog knows it."""
    candidate = use_case.candidate(target.candidate)
    own = candidate.price if isinstance(candidate, BedrockCandidate) else None
    price = own or per_million_tokens(target.model_id)
    if price is None:
        return None
    counters = profile.counters
    return (counters["prompt_tokens"] * price.input + counters["answer_tokens"] * price.output) / 1_000_000
