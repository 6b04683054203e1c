"""Which interval a score is given: the sharpest one that can be trusted on such data."""

from collections.abc import Hashable, Mapping
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from fmops.statistics.bootstrap import SEED, BcaMean, Shape
from fmops.statistics.bounded import BoundedMean, bounded_means
from fmops.statistics.estimates import Estimate, Halved, widest
from fmops.statistics.paired import PairedShares
from fmops.statistics.proportion import ExactShare
from fmops.statistics.student import StudentMean
from fmops.statistics.weights import Floats, Groups, Singles, resample

FEWEST = 20
"""With fewer items, or groups of items, nothing is said at all."""
FEWEST_CONTINUOUS = 30
FEWEST_SKEWED = 200
_SKEWED = 1.0
# In simulations the bootstrap kept 93.5 % from here on, and fell to 75 % below.
_FEWEST_CARRIERS = 8
_MOST_RESAMPLES, _LEAST_RESAMPLES = 10_000, 2_000
_DRAWS = 40_000_000


Name = TypeVar("Name", bound=Hashable)


class Column(NamedTuple):
    """A score of each row, finite, and what is known of it beforehand."""

    values: Floats
    floor: float
    ceiling: float
    rare: bool = False
    """A few rows that were not drawn could change the mean, as one toxic answer does."""
    halves: bool = False
    """A win is worth 1, a tie one half and a loss nothing, by nature and not because no other value was drawn."""


class Found(NamedTuple, Generic[Name]):
    """What is known of the columns' means."""

    estimates: dict[Name, Estimate | None]
    """None where there are too few items to say anything."""
    deviations: dict[Name, Singles]
    """How the means vary together, a value for each resample."""
    units: int


def estimates(columns: Mapping[Name, Column], groups: Groups | None, *, seed: int = SEED) -> Found[Name]:
    """An estimate for each column; all have the same rows, and the same weights.

    Scores of 0 and 1: the exact interval; differences of such, and wins, ties and losses: Tango's. Others: the BCa
    bootstrap, unless the data are such that it is known to promise too much (skewed and less than 200 items, or few
    items that carry the whole spread); there the distribution-free bound, which needs nothing but the score's own
    bounds. Where rare items may be missing, both, and the wider counts. In differences the wider of the bootstrap's and
    Student's counts: where nothing differs in truth they are as likely above 0 as below it, and there Student's t keeps
    its level exactly while the bootstrap takes chance for skewness. With groups all count by groups.
    """
    names = list(columns)
    matrix = np.column_stack([columns[name].values for name in names])
    units = len(matrix) if groups is None else len(np.unique(groups))
    resamples = min(max(_DRAWS // units, _LEAST_RESAMPLES), _MOST_RESAMPLES)
    drawn = resample(matrix, groups, resamples=resamples, seed=seed)
    deviations = {name: drawn.deviations[:, i] for i, name in enumerate(names)}
    if units < FEWEST:
        return Found(dict.fromkeys(names), deviations, units)
    found: dict[Name, list[Estimate]] = {}
    for i, name in enumerate(names):
        column, mean, influence = columns[name], float(drawn.means[i]), drawn.influence[:, i]
        counted = _counted(column) if groups is None else None
        if counted:
            found[name] = [counted]
        elif not _trusted(column, Shape.of(influence, mean), units):
            found[name] = []
        elif column.floor < 0:
            student = StudentMean(mean, influence, len(matrix))
            found[name] = [BcaMean(mean, drawn.deviations[:, i], influence), student]
        else:
            found[name] = [BcaMean(mean, drawn.deviations[:, i], influence)]
    doubtful = {
        name: columns[name]
        for name, ways in found.items()
        if not ways or (columns[name].rare and isinstance(ways[0], BcaMean))
    }
    for name, bound in _bounded(doubtful, groups, resamples, seed).items():
        found[name].append(bound)
    return Found({name: widest(ways) for name, ways in found.items()}, deviations, units)


def _counted(column: Column) -> Estimate | None:
    values = column.values
    if column.halves:
        middle = 0.5 if column.floor == 0 else 0.0
        if np.isin(values - middle, (-0.5, 0, 0.5)).all():
            won, lost = int((values > middle).sum()), int((values < middle).sum())
            return Halved(PairedShares(won, lost, len(values)), middle)
        return None
    if column.floor == 0 and np.isin(values, (0, 1)).all():
        return ExactShare(int(values.sum()), len(values))
    if column.floor < 0 and np.isin(values, (-1, 0, 1)).all():
        return PairedShares(int((values > 0).sum()), int((values < 0).sum()), len(values))
    return None


def _trusted(column: Column, shape: Shape, units: int) -> bool:
    """Whether the bootstrap keeps its promise on such data."""
    skewed = column.rare or abs(shape.skewness) > _SKEWED
    return units >= (FEWEST_SKEWED if skewed else FEWEST_CONTINUOUS) and shape.carriers >= _FEWEST_CARRIERS


def _bounded(
    columns: Mapping[Name, Column], groups: Groups | None, resamples: int, seed: int
) -> dict[Name, BoundedMean]:
    """The distribution-free bounds of those columns that keep within their floor and ceiling."""
    kept = {
        name: column
        for name, column in columns.items()
        if column.values.min() >= column.floor and column.values.max() <= column.ceiling
    }
    if not kept:
        return {}
    found = bounded_means(
        np.column_stack([column.values for column in kept.values()]),
        groups,
        np.array([column.floor for column in kept.values()]),
        np.array([column.ceiling for column in kept.values()]),
        resamples=resamples,
        seed=seed,
    )
    return dict(zip(kept, found, strict=True))
