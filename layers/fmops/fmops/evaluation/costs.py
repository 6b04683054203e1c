"""What a candidate's answers cost, as measured; and what its evaluation may cost at worst. Unknown is None, never 0."""

from collections.abc import Sequence

from fmops.catalog.prices import known_per_hour, worst_case
from fmops.catalog.token_prices import per_million_tokens
from fmops.core.errors import LaunchRefused
from fmops.evaluation.performance import Performance
from fmops.evaluation.planning.plans import EVALUATION_ATTEMPTS, PlannedCandidate, endpoint_seconds
from fmops.serving.models import Artifact
from fmops.usecases.candidates import BedrockCandidate, TokenPrice, Tuning
from fmops.usecases.models import Evaluation

# Text of a million bytes is never more tokens than bytes; words of common languages are 3 bytes a token and longer.
_LEAST_BYTES_PER_TOKEN = 2


def usd_per_1000(candidate: PlannedCandidate, measured: Performance | None) -> float | None:
    """US dollars for 1,000 answers: the instance's time as the answers shared it, or the tokens they took."""
    if candidate.usd_per_1000_answers is not None:
        return candidate.usd_per_1000_answers
    if measured is None:
        return None
    if candidate.token_price is not None:
        return _by_tokens(candidate.token_price, measured)
    # An application's or a foreign endpoint's price is its owner's to know.
    if not isinstance(candidate.artifact, Artifact) or candidate.instance_type is None or measured.machine_ms is None:
        return None
    per_hour = known_per_hour(candidate.instance_type)
    # A thousand answers of so many milliseconds are so many seconds.
    return None if per_hour is None else round(per_hour / 3600 * measured.machine_ms, 6)


def worst_hosted(instance_types: Sequence[str], tune: Tuning | None, evaluation: Evaluation) -> float:
    """US dollars when endpoint, job and training all run into their time limits. No endpoint without types."""
    job_types = (evaluation.instance_type, *evaluation.other_instance_types)
    cost = _dearest(job_types, evaluation.max_runtime_seconds, attempts=EVALUATION_ATTEMPTS)
    if instance_types:
        cost += _dearest(instance_types, endpoint_seconds(evaluation))
    if tune:
        # What spot did before it was given up is paid, and then the same again on demand.
        types = (tune.instance_type, *tune.other_instance_types)
        cost += _dearest(types, tune.max_runtime_seconds, attempts=2 if tune.spot else 1)
    return round(cost, 4)


def _dearest(instance_types: Sequence[str], seconds: int, attempts: int = 1) -> float:
    """Only one of the types is taken. LaunchRefused where the price of any is unknown: it might be that one."""
    return max(worst_case(instance_type, seconds, attempts=attempts) for instance_type in instance_types)


def price_of(candidate: BedrockCandidate) -> TokenPrice:
    """LaunchRefused where nobody knows it: an evaluation whose cost is unknown can't be kept within a budget."""
    price = candidate.price or per_million_tokens(candidate.model_id)
    if price is None:
        raise LaunchRefused(
            f"the price of {candidate.model_id} is unknown: set `price` on candidate {candidate.id}, or add it to "
            "catalog/token_prices.json"
        )
    return price


def worst_tokens(price: TokenPrice, *, prompt_bytes: int, answers: int, max_new_tokens: int) -> float:
    """US dollars when every answer is as long as it may be."""
    tokens_in = prompt_bytes / _LEAST_BYTES_PER_TOKEN
    return round((tokens_in * price.input + answers * max_new_tokens * price.output) / 1_000_000, 4)


def _by_tokens(price: TokenPrice, measured: Performance) -> float | None:
    if measured.input_tokens is None or measured.output_tokens is None:
        return None
    return round((measured.input_tokens * price.input + measured.output_tokens * price.output) / 1000, 6)
