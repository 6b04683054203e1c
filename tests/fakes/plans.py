"""Plans of runs, as the planning rules make them from the parts of `tests.fakes.run`."""

from typing import Any

from fmops.core.errors import NotFound
from fmops.datasets.models import Dataset, Overlap
from fmops.evaluation.champion import Champion
from fmops.evaluation.planning.candidates import Known, ScoredRows, plan
from fmops.evaluation.planning.choosing import Catalogs, FindModel, choose
from fmops.evaluation.planning.plans import Plan
from fmops.usecases.models import UseCase
from fmops.usecases.triggers import DatasetRef, RunRequest, Trigger
from tests.fakes.run import dataset, find_model, use_case

DATASET = DatasetRef(name="trivia", version="v1")


def planned(
    document: UseCase | None = None,
    trigger: Trigger | None = None,
    champion: Champion | None = None,
    data: Dataset | None = None,
    find: FindModel = find_model,
    seen: list[Overlap] | None = None,
) -> Plan:
    request = RunRequest(run_id="run-1", use_case="trivia", trigger=trigger or Trigger(kind="dataset", dataset=DATASET))
    known = Known(document or use_case(), data or dataset(), champion, ScoredRows(dataset().test_uri, seen or []))
    return plan(request, known, choose(request, known.use_case, champion, Catalogs(find, no_bedrock)).chosen)


def no_bedrock(model_id: str) -> Any:
    raise NotFound(f"Bedrock has no foundation model {model_id} in this region")


def reigning(**changes: Any) -> Champion:
    artifact = planned().candidates[0].artifact
    return Champion(
        id="base", kind="base", artifact=artifact.model_copy(update=changes), digest="sha256:x", endpoint="live"
    )
