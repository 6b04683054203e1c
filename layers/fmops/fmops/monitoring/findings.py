"""The drift of each feature: rules without I/O."""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import Literal

import numpy as np

from fmops.monitoring.models import Finding
from fmops.monitoring.profile.features import EMBEDDINGS, FEATURES, GROUPS, Feature
from fmops.monitoring.profile.model import FOURIER, Profile
from fmops.statistics.drift import (
    Floats,
    Measure,
    beyond_chance,
    coarsened,
    difference,
    jensen_shannon,
    mean_discrepancy,
    reach,
    superiority,
)
from fmops.statistics.sketches import quantile
from fmops.usecases.models import Monitoring

LEAST = 20
"""Of a feature that was seen on fewer records of a side nothing is said."""
BUDGET_HOURS = 90 * 24
_MOST_TAIL = 0.05
_FILLED = 5
"""Bins that hold so much on average are well filled."""


def drifts(window: Profile, baseline: Profile, rule: Monitoring) -> dict[str, Finding]:
    """The drift of each feature; features that one of the two lacks are left out.

    All features together are above their limits by chance as often as the budget of false alarms lets them be.
    """
    sides = {name: (_seen(window, name), _seen(baseline, name)) for name in (*FEATURES, *EMBEDDINGS)}
    usable = {name: pair for name, pair in sides.items() if all(_usable(side, name) for side in pair)}
    if not usable:
        return {}
    wide = reach(tail(rule) / len(usable))
    return {name: _finding(name, *pair, rule, wide) for name, pair in usable.items()}


def tail(rule: Monitoring) -> float:
    """How often one window may bring a false warning, over all features.

    An alarm takes two windows in a row, so it comes as often as the square of this.
    """
    windows = BUDGET_HOURS / rule.window_hours
    return min(_MOST_TAIL, sqrt(rule.false_alarms / windows))


def lasting(now: Mapping[str, Finding], before: Mapping[str, Finding], window: str) -> dict[str, Finding]:
    """The findings with since when they are sure; `before` are those of the window before."""
    found: dict[str, Finding] = {}
    for name, finding in now.items():
        earlier = before.get(name)
        since = None
        if finding.sure:
            same = earlier is not None and earlier.sure and earlier.direction == finding.direction
            since = earlier.since if same and earlier is not None and earlier.since else window
        found[name] = finding.model_copy(update={"since": since})
    return found


def sentence(name: str, found: Finding) -> str:
    """For people."""
    what = name.replace("_", " ")
    if found.unit == "share" and found.window is not None and found.baseline is not None:
        verb = "rose" if found.direction == "up" else "fell"
        return (
            f"{what} {verb} from {found.baseline:.1%} to {found.window:.1%}, "
            f"by [{found.low:.1%}, {found.high:.1%}]; the limit is {found.limit:.1%}"
        )
    unit = "" if found.unit == "mmd" else f" {found.unit}"
    span = f"{found.size:.2g}{unit} [{found.low:.2g}, {found.high:.2g}]"
    if found.window is not None and found.baseline is not None:
        return (
            f"{what} moved by {span}, the median from {found.baseline:.3g} to {found.window:.3g}; "
            f"the limit is {found.limit:g}"
        )
    return f"{what} moved by {span}; the limit is {found.limit:g}"


def _seen(profile: Profile, name: str) -> Floats:
    if name in EMBEDDINGS:
        return np.asarray(profile.sums(name)[:, : 1 + FOURIER], np.float64)
    return profile.counts(name).astype(np.float64)


def _usable(groups: Floats, name: str) -> bool:
    """Whether most groups hold something (then no half of them is empty), and it is enough."""
    held = groups[:, 0] if name in EMBEDDINGS else groups.sum(axis=1)
    return bool(np.count_nonzero(held) > GROUPS // 2) and float(held.sum()) >= LEAST


def _finding(name: str, window: Floats, baseline: Floats, rule: Monitoring, wide: float) -> Finding:
    if name in EMBEDDINGS:
        drift = beyond_chance(mean_discrepancy, window, baseline, wide, dense=True)
        n = round(float(window[:, 0].sum()))
        return Finding(**drift._asdict(), limit=rule.embedding_limit, unit="mmd", n=n)
    feature = FEATURES[name]
    measure: Measure = jensen_shannon
    unit: Literal["bits", "share"] = "bits"
    limit = rule.length_limit if feature.kind == "number" else rule.vocabulary_limit
    ours, theirs = window, baseline
    if feature.kind == "number":
        ours, theirs = coarsened(window, baseline)
    elif feature.kind == "share":
        measure, unit, limit = difference, "share", rule.share_limit
    dense = feature.kind != "share" and min(ours.sum(), theirs.sum()) >= _FILLED * ours.shape[1]
    drift = beyond_chance(measure, ours, theirs, wide, dense=bool(dense))
    values = list(_values(feature, window.sum(axis=0), baseline.sum(axis=0)))
    return Finding(
        **drift._asdict(),
        limit=limit,
        unit=unit,
        direction=_direction(feature, window.sum(axis=0), baseline.sum(axis=0)),
        window=values[0] if values else None,
        baseline=values[1] if values else None,
        n=round(float(window.sum())),
    )


def _values(feature: Feature, window: Floats, baseline: Floats) -> Iterator[float]:
    for side in (window, baseline):
        if feature.kind == "share":
            yield round(float(side[1] / side.sum()), 6)
        elif feature.kind == "number":
            yield round(quantile(side, feature.edges, 0.5), 4)


def _direction(feature: Feature, window: Floats, baseline: Floats) -> Literal["up", "down", "other"]:
    if feature.kind == "mix":
        return "other"
    if feature.kind == "share":
        return "up" if window[1] * baseline.sum() > baseline[1] * window.sum() else "down"
    return "up" if superiority(window, baseline) >= 0 else "down"
