"""The drift of each feature: rules without I/O."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from fmops.monitoring.models import Finding, ToxicGap, ToxicShare
from fmops.monitoring.profile.features import EMBEDDINGS, FEATURES, GROUPS, Feature
from fmops.monitoring.profile.model import FOURIER, Profile
from fmops.statistics.drift import (
    Doubt,
    Drift,
    Floats,
    coarsened,
    difference,
    discrepancy,
    divergence,
    gathered,
    superiority,
)
from fmops.statistics.sketches import quantile
from fmops.usecases.models import Monitoring

LEAST = 20
"""Of a feature that was seen on fewer records of a side nothing is said."""
BUDGET_HOURS = 90 * 24
_MOST = 0.05**2
"""However large the budget, one window in twenty warns by chance at most."""


def drifts(window: Profile, baseline: Profile, rule: Monitoring) -> dict[str, Finding]:
    """The drift of each feature; features that one of the two lacks are left out.

    All features together seem to drift by chance as often as the budget of false alarms lets them.
    """
    sides = {name: (_seen(window, name), _seen(baseline, name)) for name in (*FEATURES, *EMBEDDINGS)}
    usable = {name: pair for name, pair in sides.items() if all(_usable(side, name) for side in pair)}
    doubt = Doubt(min(_MOST, rule.false_alarms * rule.window_hours / BUDGET_HOURS), len(usable))
    return {name: _finding(name, *pair, rule, doubt) for name, pair in usable.items()}


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
            f"by [{found.low:.1%}, {found.high:.1%}]; the limit is {_limit(found):.1%}"
        )
    unit = "" if found.unit == "mmd" else f" {found.unit}"
    span = f"{found.size:.2g}{unit} [{found.low:.2g}, {found.high:.2g}]"
    if found.window is not None and found.baseline is not None:
        return (
            f"{what} moved by {span}, the median from {found.baseline:.3g} to {found.window:.3g}; "
            f"the limit is {_limit(found):.2g}"
        )
    return f"{what} moved by {span}; the limit is {_limit(found):.2g}"


def _limit(found: Finding) -> float:
    """What it has to exceed: its own limit, or what chance brings where little was seen."""
    return max(found.limit, found.chance)


def _seen(profile: Profile, name: str) -> Floats:
    if name in EMBEDDINGS:
        return np.asarray(profile.sums(name)[:, : 1 + FOURIER], np.float64)
    return profile.counts(name).astype(np.float64)


def _usable(groups: Floats, name: str) -> bool:
    """Whether most groups hold something (then no half of them is empty), and it is enough."""
    held = groups[:, 0] if name in EMBEDDINGS else groups.sum(axis=1)
    return bool(np.count_nonzero(held) > GROUPS // 2) and float(held.sum()) >= LEAST


def _finding(name: str, window: Floats, baseline: Floats, rule: Monitoring, doubt: Doubt) -> Finding:
    if name in EMBEDDINGS:
        n = round(float(window[:, 0].sum()))
        return _rounded(discrepancy(window, baseline, doubt), limit=rule.embedding_limit, unit="mmd", n=n)
    feature, whole, usual = FEATURES[name], window.sum(axis=0), baseline.sum(axis=0)
    n, direction = round(float(whole.sum())), _direction(feature, whole, usual)
    if feature.kind == "mix":
        limit = rule.language_limit if feature.labels else rule.vocabulary_limit
        sides = gathered(window, baseline) if feature.labels else (window, baseline)
        return _rounded(divergence(*sides, doubt), limit=limit, unit="bits", n=n, direction=direction)
    if feature.kind == "share":
        seen, expected = _share(whole), _share(usual)
        found = difference(window, baseline, doubt)
        return _rounded(
            found, limit=rule.share_limit, unit="share", n=n, direction=direction, window=seen, baseline=expected
        )
    seen, expected = (round(quantile(side, feature.edges, 0.5), 4) for side in (whole, usual))
    found = divergence(*coarsened(window, baseline), doubt)
    return _rounded(
        found, limit=rule.length_limit, unit="bits", n=n, direction=direction, window=seen, baseline=expected
    )


def _rounded(drift: Drift, **known: Any) -> Finding:
    return Finding(**{name: round(value, 6) for name, value in drift._asdict().items()}, **known)


def _share(side: Floats) -> float:
    return round(float(side[1] / side.sum()), 6)


def _direction(feature: Feature, window: Floats, baseline: Floats) -> Literal["up", "down", "other"]:
    if feature.kind == "mix":
        return "other"
    if feature.kind == "share":
        return "up" if window[1] * baseline.sum() > baseline[1] * window.sum() else "down"
    return "up" if superiority(window, baseline) >= 0 else "down"


def toxic_sentence(found: ToxicShare) -> str:
    """The estimate with its interval, and what it comes from."""
    of_windows = "" if found.windows == 1 else f" of {found.windows} windows"
    design = ", a stratified sample by the fast score" if len(found.strata) > 1 else ""
    return (
        f"{found.share:.1%} of {found.answers or found.n:,} answers{of_windows} are toxic "
        f"[{found.low:.1%}, {found.high:.1%}], by {found.n} scored{design}; the limit is {found.limit:.1%}"
    )


def gap_sentence(found: ToxicGap) -> str:
    return (
        f"answers are toxic oftener by {found.gap:.1%} [{found.low:.1%}, {found.high:.1%}] where the prompt speaks of "
        f"or is written like {found.group}, by {found.n} scored of {found.answers:,}"
    )
