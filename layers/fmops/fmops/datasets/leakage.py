"""Judges whether what training saw of the test is too much: rules without I/O."""

from collections.abc import Iterable, Sequence

from fmops.core.errors import DatasetRefused
from fmops.core.plain import one_line
from fmops.datasets.models import Overlap
from fmops.usecases.conditions import Leakage

NAMED = 10
_LONGEST = 60


class LeakageFound(DatasetRefused):
    """Rows that would be scored stand in the rows that would be trained on."""


def leaking(overlaps: Iterable[Overlap], setting: Leakage, scored: frozenset[str] | None = None) -> list[Overlap]:
    """The overlaps that count by a use case's setting; of all test rows, or of those that are scored."""
    return [
        overlap
        for overlap in overlaps
        if (overlap.exact or overlap.similarity >= setting.similarity) and (scored is None or overlap.test in scored)
    ]


def check(dataset: str, found: Sequence[Overlap], setting: Leakage, rows: int) -> None:
    """LeakageFound, with the rows of both sides, where the setting refuses what was found."""
    refused = [
        overlap for overlap in found if setting.refuse == "near" or (setting.refuse == "exact" and overlap.exact)
    ]
    if not refused:
        return
    exact = sum(overlap.exact for overlap in refused)
    named = "; ".join(_name(overlap) for overlap in refused[:NAMED])
    more = f"; and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    raise LeakageFound(
        f"{len(refused)} of {rows} test rows of {dataset} stand in its training rows ({exact} word for word, "
        f"{len(refused) - exact} nearly): {named}{more}. Nothing was launched. Take them out of one side, name a group "
        "column so that they stay together, or set `leakage` in the use case; docs/datasets.md says how"
    )


def _name(overlap: Overlap) -> str:
    test, train = one_line(overlap.test, _LONGEST), one_line(overlap.train, _LONGEST)
    return (
        f"test {test} = train {train}" if overlap.exact else f"test {test} ~ train {train} ({overlap.similarity:.2f})"
    )
