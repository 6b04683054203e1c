"""The feature matrix of a run: a row for each model, and what the use case's conditions cut."""

from collections.abc import Iterable
from typing import NamedTuple

from fmops.catalog import prices
from fmops.catalog.constraints import broken
from fmops.catalog.features import Features
from fmops.core.models import Ours
from fmops.usecases.conditions import Constraints


class Wanted(NamedTuple):
    """A candidate's model and where it would run; no instance type for Bedrock."""

    candidate: str
    features: Features
    instance_type: str | None


class MatrixRow(Ours):
    """One model on one instance type, and the candidates that are made of it."""

    candidates: list[str]
    features: Features
    instance_type: str | None
    usd_per_hour: float | None
    kept: bool
    reasons: list[str]
    """Why it was cut: one for each condition that it does not meet."""

    def shown(self) -> dict[str, str]:
        """What is known, in words, by the matrix' columns; empty where it is unknown."""
        known = self.features
        by_usage = known.source == "bedrock" and self.instance_type is None
        cells = {
            "licence": known.licence,
            "provider": known.provider,
            "languages": ", ".join(known.languages or []),
            "input": ", ".join(known.input_modalities or []),
            "output": ", ".join(known.output_modalities or []),
            "context (tokens)": f"{known.context_tokens:,}" if known.context_tokens else "",
            "instance type": "none" if by_usage else self.instance_type,
            "region": known.region,
            "gated": _yes_no(known.gated),
            "USD an hour": "by usage"
            if by_usage
            else f"{self.usd_per_hour:g}"
            if self.usd_per_hour is not None
            else "",
        }
        return {name: cell or "" for name, cell in cells.items()}


class FeatureMatrix(Ours):
    """`features.json` of a run."""

    constraints: Constraints
    prices_dated: str
    rows: list[MatrixRow]

    def cut(self) -> dict[str, list[str]]:
        """The reasons of each candidate that was cut."""
        return {candidate: row.reasons for row in self.rows if not row.kept for candidate in row.candidates}


def matrix(
    wanted: Iterable[Wanted], constraints: Constraints, *, spared: frozenset[str] = frozenset()
) -> FeatureMatrix:
    """Judge each candidate's model. Those that are `spared` stay whatever they break: the champion serves already."""
    rows: dict[tuple[str, str, str | None, bool], MatrixRow] = {}
    for candidate, features, instance_type in wanted:
        key = (features.model_id, features.version, instance_type, candidate in spared)
        known = rows.get(key)
        if known:
            rows[key] = known.model_copy(update={"candidates": [*known.candidates, candidate]})
            continue
        usd = prices.known_per_hour(instance_type) if instance_type else None
        reasons = broken(features, constraints, instance_type=instance_type, usd_per_hour=usd)
        rows[key] = MatrixRow(
            candidates=[candidate],
            features=features,
            instance_type=instance_type,
            usd_per_hour=usd,
            kept=not reasons or candidate in spared,
            reasons=reasons,
        )
    return FeatureMatrix(constraints=constraints, prices_dated=prices.dated(), rows=list(rows.values()))


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
