"""What is worth knowing of a dataset though it is no fault: reported, and judged by people."""

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from fmops.datasets.models import (
    MOST_LABELS,
    Duplicates,
    Finding,
    Groups,
    Lengths,
    Manifest,
    Overlap,
    Overlaps,
    QualityReport,
    Row,
)
from fmops.text import language, pii
from fmops.text.normal import fingerprint, tokens
from fmops.usecases.conditions import LEAST_SIMILARITY

EXAMPLES = 10
_MOST_CATEGORIES = 50
_FAR_OUT = 3
"""Tukey's far-out fence: so many interquartile ranges beyond the quartiles."""
_LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
TRAIN, TEST = 0, 1


class Read(NamedTuple):
    """A row with what is made of its text once."""

    row: Row
    question: list[str]
    """The tokens of context and input."""

    @classmethod
    def of(cls, row: Row) -> "Read":
        return cls(row, tokens(row.question))

    @property
    def split_key(self) -> str:
        """What decides the side of a row whose file does not: the group, else the content, whatever the row's id."""
        return f"group\n{self.row.group}" if self.row.group else " ".join(self.question)


class Profile:
    """Takes rows one after the other and keeps a few numbers of each, never its text."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self.ids: list[str] = []
        self.sides = bytearray()
        self.questions = array("Q")
        self._targets = array("Q")
        self._input_lengths, self._target_lengths = array("I"), array("I")
        self._languages: Counter[str] = Counter()
        self._categories: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._groups: dict[str, list[int]] = {}
        self._pii: Counter[str] = Counter()
        self._with_pii: list[str] = []

    def add(self, read: Read, side: int) -> None:
        row = read.row
        self.ids.append(row.id)
        self.sides.append(side)
        self.questions.append(fingerprint(read.question))
        self._targets.append(fingerprint(tokens(row.target)) if row.target else 0)
        self._input_lengths.append(len(row.question))
        self._target_lengths.append(len(row.target or ""))
        self._languages[language.guess(row.question, read.question)] += 1
        self._categories[row.category or ""] += 1
        if row.group:
            self._groups.setdefault(row.group, [0, 0])[side] += 1
        if self._manifest.task == "classification" and row.target and len(self._labels) <= MOST_LABELS:
            self._labels[row.target] += 1
        kinds = {found.kind.value for text in (row.question, row.target or "") for found in pii.find(text)}
        self._pii.update(kinds)
        if kinds:
            self._with_pii.append(row.id)

    def count(self, side: int) -> int:
        return self.sides.count(side)

    def labels(self) -> list[str]:
        """What the targets of a classification are: the manifest's labels, or those that occur.

        One more than MOST_LABELS where they are too many to be labels.
        """
        return self._manifest.labels or sorted(self._labels)

    def report(self, overlaps: Sequence[Overlap]) -> QualityReport:
        """All that was found."""
        with_target = [place for place, length in enumerate(self._target_lengths) if length]
        return QualityReport(
            dataset=self._manifest.name,
            version=self._manifest.version,
            train_rows=self.count(TRAIN),
            test_rows=self.count(TEST),
            without_target=len(self.ids) - len(with_target),
            duplicates=self._duplicates(),
            input_characters=self._lengths(self._input_lengths, range(len(self.ids))),
            target_characters=self._lengths(self._target_lengths, with_target),
            languages=dict(self._languages.most_common()),
            pii=dict(self._pii.most_common()),
            rows_with_pii=Finding(count=len(self._with_pii), examples=self._with_pii[:EXAMPLES]),
            categories={name: n for name, n in self._categories.most_common(_MOST_CATEGORIES) if name},
            labels=dict(self._labels.most_common()),
            groups=self._group_findings() if self._groups else None,
            overlaps=summarize(overlaps),
        )

    def _duplicates(self) -> Duplicates:
        """Rows of one side that ask the same as an earlier one of it, and those among them that answer otherwise."""
        first: dict[tuple[int, int], int] = {}
        twice: list[str] = []
        conflicts: list[str] = []
        for place, question in enumerate(self.questions):
            earlier = first.setdefault((self.sides[place], question), place)
            if earlier != place:
                pair = f"{self.ids[place]} = {self.ids[earlier]}"
                twice.append(pair)
                if self._targets[place] != self._targets[earlier]:
                    conflicts.append(pair)
        return Duplicates(
            same=Finding(count=len(twice), examples=twice[:EXAMPLES]),
            with_other_targets=Finding(count=len(conflicts), examples=conflicts[:EXAMPLES]),
        )

    def _lengths(self, lengths: Sequence[int], places: Sequence[int]) -> Lengths | None:
        if not places:
            return None
        ordered = sorted(lengths[place] for place in places)
        quartiles = _quantile(ordered, 0.25), _quantile(ordered, 0.75)
        reach = _FAR_OUT * max(quartiles[1] - quartiles[0], 1)
        low, high = quartiles[0] - reach, quartiles[1] + reach
        outside = [self.ids[place] for place in places if not low <= lengths[place] <= high]
        return Lengths(
            least=ordered[0],
            p05=_quantile(ordered, 0.05),
            median=_quantile(ordered, 0.5),
            p95=_quantile(ordered, 0.95),
            most=ordered[-1],
            outliers=Finding(count=len(outside), examples=outside[:EXAMPLES]),
        )

    def _group_findings(self) -> Groups:
        both = [group for group, counts in self._groups.items() if all(counts)]
        return Groups(
            count=len(self._groups),
            largest=max(sum(counts) for counts in self._groups.values()),
            on_both_sides=Finding(count=len(both), examples=both[:EXAMPLES]),
        )


def summarize(overlaps: Sequence[Overlap]) -> Overlaps:
    """How many test rows stand in the training rows, word for word and by how much they are alike."""
    near = [overlap for overlap in overlaps if not overlap.exact]
    return Overlaps(
        exact=len(overlaps) - len(near),
        near={f"{level:.1f}": sum(overlap.similarity >= level for overlap in near) for level in _LEVELS},
        looked_for_from=LEAST_SIMILARITY,
        examples=list(overlaps[:EXAMPLES]),
    )


def _quantile(ordered: Sequence[int], share: float) -> int:
    """The value below which this share of the values lies; one of them, not between two."""
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
