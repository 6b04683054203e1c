"""Reads single rows and answers of a run: what a report shows of them."""

import json
from collections.abc import Collection

from fmops.catalog.matrix import FeatureMatrix
from fmops.core.artifacts import Store, location
from fmops.core.errors import NotFound
from fmops.evaluation.models import ANSWERS_FILE, Answer, DatasetRow
from fmops.evaluation.places import CandidatePlaces, RunPlaces
from fmops.evaluation.planning.plans import PinnedDataset


def read_rows(store: Store, dataset: PinnedDataset) -> list[DatasetRow]:
    """The rows that a run scored."""
    return [DatasetRow.model_validate(row) for row in store.read_json_lines(location(dataset.test_uri))]


def read_answers(store: Store, places: CandidatePlaces, rows: Collection[str]) -> dict[str, Answer]:
    """A candidate's answers to some rows, by id; the file is streamed. Empty where the job left none."""
    found: dict[str, Answer] = {}
    try:
        for line in store.lines(places.results.child(ANSWERS_FILE)):
            if not line.strip():
                continue
            document = json.loads(line)
            if document.get("id") in rows:
                found[document["id"]] = Answer.model_validate(document)
    except NotFound:
        return {}
    return found


def read_features(store: Store, places: RunPlaces) -> FeatureMatrix | None:
    """The run's feature matrix as it was written down; None where the run has none."""
    try:
        return FeatureMatrix.model_validate(store.read_json(places.features))
    except NotFound:
        return None
