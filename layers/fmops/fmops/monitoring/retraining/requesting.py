"""Asks people for labels because of drift that lasts: writes prompts of captured traffic, and announces them."""

from datetime import datetime
from typing import NamedTuple

from fmops.core.artifacts import Store
from fmops.core.clock import iso
from fmops.core.events import Emitter, LabelsWanted, RetrainingRequested
from fmops.core.ids import short_hash
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.datasets import labelling
from fmops.datasets.labelling import LabelRequest
from fmops.datasets.models import Columns, Manifest, ManifestFile
from fmops.datasets.places import labels
from fmops.datasets.store import Registered
from fmops.monitoring import records
from fmops.monitoring.retraining.collecting import collect
from fmops.monitoring.retraining.lasting import Lasting, lasting, waits
from fmops.monitoring.retraining.models import PROMPTS_FILE, Places, Sources
from fmops.usecases.models import UseCase
from fmops.usecases.store import load
from fmops.usecases.triggers import DatasetRef


class Desk(NamedTuple):
    """What asking for labels needs."""

    ledger: Ledger
    store: Store
    emitter: Emitter
    artifacts: str
    datasets: str
    """The bucket that labelled rows come back to."""


class Outcome(Ours):
    """What became of a drifted window."""

    request_id: str = ""
    prompts: int = 0
    nothing: str = ""
    """Why nobody was asked."""


def request_retraining(desk: Desk, use_case_name: str, now: datetime) -> Outcome:
    """Collect prompts and ask for their labels where a drift has lasted; once for each drift."""
    target, use_case = records.target(desk.ledger, use_case_name), load(desk.ledger, use_case_name)
    asked = labelling.of_use_case(desk.ledger, use_case_name)
    found = lasting(records.judged_windows(desk.ledger, target), use_case.alerting.calm_windows)
    why = waits(found, asked, use_case.monitoring.retraining, now)
    if why or found is None:
        return Outcome(nothing=why)
    base = Registered(desk.ledger).newest_of(use_case)
    if base is None:
        return Outcome(nothing="no dataset of the use case is registered that labelled rows could be added to")
    places = Places(desk.artifacts, use_case_name, found.request_id, short_hash(*found.windows))
    sources = collect(desk.store, places, found, target, use_case)
    if not sources.kept:
        return Outcome(nothing="the drifted windows hold no prompt that can be read any more")
    desk.store.write_json(places.manifest, _manifest(use_case, base, sources).model_dump(mode="json"))
    request = LabelRequest(
        request_id=found.request_id,
        run_id=target.run_id,
        use_case=use_case_name,
        release_id=target.release_id,
        since=found.since,
        asked_at=iso(now),
        windows=sources.windows,
        prompts=sources.kept,
        prompts_uri=places.prompts.uri,
        base=base,
    )
    labelling.ask(desk.ledger, request, _event(desk, request, found, use_case), now)
    desk.ledger.announce(labelling.key(use_case_name, found.request_id), desk.emitter)
    return Outcome(request_id=found.request_id, prompts=sources.kept)


def _manifest(use_case: UseCase, base: DatasetRef, sources: Sources) -> Manifest:
    """As people write it for a dataset; all that the file lacks are labels."""
    target = None if use_case.task == "open_ended" else "target"
    return Manifest(
        name=base.name,
        version=sources.request_id,
        task=use_case.task,
        columns=Columns(id="id", input="input", target=target),
        files=[ManifestFile(path=PROMPTS_FILE, sha256=sources.sha256)],
        owner=use_case.owner,
        description=f"prompts of {len(sources.windows)} drifted windows, masked, without labels; see sources.json",
    )


def _event(desk: Desk, request: LabelRequest, found: Lasting, use_case: UseCase) -> RetrainingRequested:
    return RetrainingRequested(
        run_id=request.run_id,
        use_case=request.use_case,
        reason=f"drift in {', '.join(found.features)} since the window {found.since}",
        labels=LabelsWanted(
            request_id=request.request_id,
            windows=len(found.windows),
            prompts=request.prompts,
            prompts_uri=request.prompts_uri,
            return_uri=labels(desk.datasets, request.use_case, request.request_id).uri,
            starts=use_case.monitoring.retraining.mode == "start",
        ),
    )
