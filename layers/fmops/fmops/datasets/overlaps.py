"""Finds the test rows that stand in the training rows, word for word or nearly."""

from fmops.datasets.models import Overlap
from fmops.datasets.quality import TEST, TRAIN, Profile, Read
from fmops.text.minhash import most_alike
from fmops.text.normal import tokens
from fmops.text.shingles import Shingler, Shingles, common, without
from fmops.usecases.conditions import LEAST_SIMILARITY

_FEW, _SHARE = 20, 0.05
"""A trigram that more rows than these have is of a template."""


class OverlapFinder:
    """Takes the rows of both sides one after the other; keeps their trigrams' hashes."""

    def __init__(self) -> None:
        self._shinglers = {TRAIN: Shingler(), TEST: Shingler()}
        self._places: dict[int, list[int]] = {TRAIN: [], TEST: []}
        self._count = 0

    def add(self, read: Read, side: int) -> None:
        # With its answer: questions of one template differ in it, and rephrased ones don't.
        self._shinglers[side].add(read.question + tokens(read.row.target or ""))
        self._places[side].append(self._count)
        self._count += 1

    def finish(self, profile: Profile) -> list[Overlap]:
        """For each such test row the training row that is most like it, the most alike first.

        `profile` has seen the same rows in the same order.
        """
        exact = self._exact(profile)
        sides = [self._shinglers[side].finish() for side in (TRAIN, TEST)]
        known = {overlap.test for overlap in exact}
        near = [overlap for overlap in self._near(sides[0], sides[1], profile) if overlap.test not in known]
        return sorted([*exact, *near], key=lambda overlap: (-overlap.exact, -overlap.similarity, overlap.test))

    def _exact(self, profile: Profile) -> list[Overlap]:
        ids, questions = profile.ids, profile.questions
        first: dict[int, int] = {}
        for place in self._places[TRAIN]:
            first.setdefault(questions[place], place)
        return [
            Overlap(test=ids[place], train=ids[first[questions[place]]], similarity=1, exact=True)
            for place in self._places[TEST]
            if questions[place] in first
        ]

    def _near(self, train: Shingles, test: Shingles, profile: Profile) -> list[Overlap]:
        of_templates = common(train, test, more_than=max(_FEW, int(self._count * _SHARE)))
        alike = most_alike(without(train, of_templates), without(test, of_templates), LEAST_SIMILARITY)
        return [
            Overlap(
                test=profile.ids[self._places[TEST][found.second]],
                train=profile.ids[self._places[TRAIN][found.first]],
                similarity=round(found.similarity, 3),
                exact=False,
            )
            for found in alike
        ]
