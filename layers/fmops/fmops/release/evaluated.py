"""What the evaluation left of the candidate that is released: its request, rows, answers and scores."""

from typing import NamedTuple

from fmops.core.artifacts import Location, Store, location
from fmops.core.errors import NotFound, VerificationFailed
from fmops.core.models import Theirs
from fmops.evaluation.models import (
    ANSWERS_FILE,
    SCORES_FILE,
    SUMMARY_FILE,
    Answer,
    DatasetRow,
    EvaluationJob,
    Scores,
    Summary,
)
from fmops.launches.images import Image
from fmops.release.models import Release


class _Dataset(Theirs):
    test_uri: str


class _Plan(Theirs):
    """The part of a run's plan that names its rows and what scored them."""

    dataset: _Dataset
    images: dict[Image, str] = {}


class Evaluated(NamedTuple):
    """One candidate of a run, by the run's files."""

    store: Store
    run: Location
    """The run's root."""
    candidate: Location
    """The candidate's root."""

    @classmethod
    def of(cls, store: Store, run: Location, release: Release) -> "Evaluated":
        return cls(store, run, run.child(f"candidates/{release.candidate}"))

    def job(self) -> EvaluationJob:
        """What the evaluation job was told. NotFound where it is gone."""
        return EvaluationJob.model_validate(self.store.read_json(self.candidate.child("config/job.json")))

    def answers(self) -> list[Answer]:
        """NotFound where they are gone."""
        return [Answer.model_validate(row) for row in self.store.read_json_lines(self._results(ANSWERS_FILE))]

    def scores(self) -> dict[str, Scores]:
        return {
            row.id: row for row in Scores.read(line.decode() for line in self.store.lines(self._results(SCORES_FILE)))
        }

    def latency_p95_ms(self) -> float | None:
        """None where it was not measured."""
        try:
            found = Summary.model_validate(self.store.read_json(self._results(SUMMARY_FILE))).performance
        except NotFound:
            return None
        return found.latency_p95_ms if found else None

    def rows(self, ids: list[str]) -> list[DatasetRow]:
        """The dataset's rows of these ids, in this order. NotFound where one is gone."""
        plan = self._plan()
        wanted = set(ids)
        found = {
            str(row["id"]): DatasetRow.model_validate(row)
            for row in self.store.read_json_lines(location(plan.dataset.test_uri))
            if row["id"] in wanted
        }
        if missing := wanted - set(found):
            raise NotFound(f"{plan.dataset.test_uri} lacks {len(missing)} of the rows that were evaluated")
        return [found[one] for one in ids]

    def image(self) -> str:
        """What scored it. VerificationFailed where its plan names none."""
        image = self._plan().images.get(Image.EVALUATE)
        if image is None:
            raise VerificationFailed("the evaluation was planned without an image: evaluate once more, then release")
        return image

    @property
    def tokenizer(self) -> Location:
        """The manifest of the tokenizer's files, where the candidate is asked by chat."""
        return self.candidate.child("tokenizer.manifest")

    @property
    def results(self) -> Location:
        return self.candidate.child("results/")

    def _plan(self) -> _Plan:
        return _Plan.model_validate(self.store.read_json(self.run.child("plan.json")))

    def _results(self, name: str) -> Location:
        return self.results.child(name)
