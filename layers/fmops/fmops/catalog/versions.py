"""Semantic versions, and which models are new: rules without I/O."""

import re
from collections.abc import Iterable, Mapping

from fmops.catalog.listing import Listed

_PARTS = re.compile(r"^(\d+)\.(\d+)\.(\d+)")


def order(version: str) -> tuple[int, int, int]:
    """What sorts versions: 1.10.0 comes after 1.9.0. A text that is no version comes first."""
    match = _PARTS.match(version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else (-1, -1, -1)


def is_semantic(version: str) -> bool:
    return _PARTS.match(version) is not None


def newest(listed: Iterable[Listed]) -> dict[str, Listed]:
    """The newest version of each model, by the model's id."""
    found: dict[str, Listed] = {}
    for one in listed:
        known = found.get(one.model_id)
        if known is None or order(one.version) > order(known.version):
            found[one.model_id] = one
    return found


def unseen(listed: Iterable[Listed], known: Mapping[str, str]) -> list[Listed]:
    """The supported models of which the ledger knows no version as new; `known` maps ids to newest versions."""
    return [
        one
        for model_id, one in sorted(newest(listed).items())
        if one.status == "supported" and (model_id not in known or order(one.version) > order(known[model_id]))
    ]
