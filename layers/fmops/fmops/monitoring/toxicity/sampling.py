"""Decides whether a window's answers are scored, and writes down which: reads and writes the artifacts bucket."""

from datetime import datetime

from fmops.core.artifacts import Store
from fmops.core.errors import NotFound
from fmops.core.ledger import Ledger
from fmops.evaluation.models import StoredRow
from fmops.monitoring import records
from fmops.monitoring.models import WatchPlaces, WindowTask
from fmops.monitoring.sampled import Sampled, first_of
from fmops.monitoring.toxicity.design import Design, Strata, Why, draw, drawn, together
from fmops.monitoring.toxicity.due import covered, due
from fmops.usecases.models import Monitoring


def design_sample(
    ledger: Ledger, store: Store, bucket: str, task: WindowTask, rule: Monitoring, now: datetime
) -> Why | None:
    """Write the sample of the window, or of all windows since the last one, where one is due; why, or None."""
    before = records.before(ledger, task)
    own = strata(store, WatchPlaces(bucket, task.use_case, task.window.name))
    why = due(own, task.window, before, rule)
    if why is None:
        return None
    names = covered(task.window, before, why, rule)
    places = [WatchPlaces(bucket, task.use_case, name) for name in names]
    whole = together(strata(store, place) for place in places)
    rows = [row for place in places for row in _rows(store, place)]
    taken = draw(first_of(rows, rule.toxicity_sample), whole, rule.toxicity_sample)
    if not taken:
        return None
    design = Design(why=why, windows=names, strata=whole, drawn=[drawn(row) for row in taken])
    here = places[-1]
    store.write_json(here.design, design.model_dump(mode="json"))
    given = (StoredRow(id=row.id, input=row.input, answer=row.answer) for row in taken)
    store.write_json_lines(here.sample, [row.model_dump(mode="json") for row in given])
    records.mark_toxicity(ledger, task, why, now)
    return why


def strata(store: Store, places: WatchPlaces) -> Strata:
    """Those of a window; of one without records none."""
    try:
        return Strata.model_validate(store.read_json(places.strata))
    except NotFound:
        return Strata()


def _rows(store: Store, places: WatchPlaces) -> list[Sampled]:
    try:
        return [Sampled.model_validate(row) for row in store.read_json_lines(places.sampled)]
    except NotFound:
        return []
