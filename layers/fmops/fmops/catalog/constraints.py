"""Why a model does not meet a use case's hard conditions: rules without I/O."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from fmops.catalog.features import Features
from fmops.catalog.languages import code
from fmops.usecases.conditions import Constraints

UNKNOWN = "unknown"


def broken(
    features: Features, constraints: Constraints, *, instance_type: str | None, usd_per_hour: float | None
) -> list[str]:
    """A reason for each condition that is not met; unknown meets none. `instance_type` is the candidate's own."""
    return [
        *_matches("licence", features.licence, constraints.licences),
        *_matches("provider", features.provider, constraints.providers),
        *_has_all("languages", features.languages, [code(name) for name in constraints.languages or []]),
        *_at_least("context length", features.context_tokens, constraints.min_context_tokens, "tokens"),
        *_has_all("input modalities", features.input_modalities, constraints.input_modalities or []),
        *_has_all("output modalities", features.output_modalities, constraints.output_modalities or []),
        *_hosted(features, constraints, instance_type),
        *_matches("region", features.region, constraints.regions),
        *_open(features, constraints),
        *_cheap(usd_per_hour, constraints, instance_type),
    ]


def _matches(what: str, found: str | None, patterns: Sequence[str] | None) -> Iterator[str]:
    if patterns is None:
        return
    if found is None:
        yield f"{what}: {UNKNOWN}"
    elif not any(fnmatchcase(found.lower(), pattern.lower()) for pattern in patterns):
        yield f"{what}: {found} is none of {', '.join(patterns)}"


def _has_all(what: str, found: Sequence[str] | None, wanted: Sequence[str]) -> Iterator[str]:
    if not wanted:
        return
    if found is None:
        yield f"{what}: {UNKNOWN}"
    elif missing := [name for name in wanted if name not in found]:
        yield f"{what}: {', '.join(missing)} missing"


def _at_least(what: str, found: int | None, least: int | None, unit: str) -> Iterator[str]:
    if least is None:
        return
    if found is None:
        yield f"{what}: {UNKNOWN}"
    elif found < least:
        yield f"{what}: {found:,} {unit}, below {least:,}"


def _hosted(features: Features, constraints: Constraints, instance_type: str | None) -> Iterator[str]:
    if constraints.instance_types is None or features.instance_types == []:
        return
    if instance_type is None or features.instance_types is None:
        yield f"instance type: {UNKNOWN}"
        return
    yield from _matches("instance type", instance_type, constraints.instance_types)
    if instance_type not in features.instance_types:
        yield f"instance type: {instance_type} is not among those that host the model"


def _open(features: Features, constraints: Constraints) -> Iterator[str]:
    if constraints.allow_gated or features.gated is False:
        return
    yield f"gated: {UNKNOWN}" if features.gated is None else "gated: its licence must be accepted first"


def _cheap(usd_per_hour: float | None, constraints: Constraints, instance_type: str | None) -> Iterator[str]:
    most = constraints.max_usd_per_hour
    if most is None:
        return
    if usd_per_hour is None:
        yield f"price by the hour: {UNKNOWN}"
    elif usd_per_hour > most:
        yield f"price by the hour: {usd_per_hour:g} USD for {instance_type}, above {most:g} USD"
