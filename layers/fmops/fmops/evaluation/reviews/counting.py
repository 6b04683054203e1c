"""After the wait for reviewers, however it ended: closes the ballots and writes down what they add up to."""

from datetime import datetime

from fmops.core.artifacts import Store
from fmops.core.errors import NotFound
from fmops.core.ledger import Ledger
from fmops.evaluation import runs
from fmops.evaluation.desk import Desk
from fmops.evaluation.places import RunPlaces
from fmops.evaluation.results import exhibits
from fmops.evaluation.reviews import records, table
from fmops.evaluation.reviews.models import ReviewRecord, ReviewResult, Sheet
from fmops.evaluation.reviews.tallying import nobody, tally


def count(desk: Desk, run_id: str, now: datetime) -> ReviewResult:
    """The result; what is there when the time is over counts. Twice gives the same."""
    review = records.load(desk.ledger, run_id)
    places = desk.places(run_id)
    records.close(desk.ledger, run_id, now)
    found = add_up(desk.ledger, desk.store, places, review)
    desk.store.write_json(places.review, found.model_dump(mode="json"))
    _write_table(desk, found)
    outcome = {
        "voted": found.voted,
        "sent": found.sent,
        "votes": len(found.judgements),
        "result_uri": places.review.uri,
        "sheet_digest": found.sheet_digest,
        "votes_digest": found.votes_digest,
    }
    records.settle(desk.ledger, run_id, outcome, now)
    return found


def add_up(ledger: Ledger, store: Store, places: RunPlaces, review: ReviewRecord) -> ReviewResult:
    """What the ballots say that the ledger holds."""
    try:
        sheet = Sheet.model_validate(store.read_json(places.sheet))
    except NotFound:
        return nobody(review.run_id, review.invited, review.reason)
    found = tally(sheet, records.ballots(ledger, review.run_id), review.invited)
    return found.model_copy(update={"reason": review.reason})


def read(desk: Desk, run_id: str) -> ReviewResult | None:
    """The result of a run's review; None where it had none."""
    try:
        return ReviewResult.model_validate(desk.store.read_json(desk.places(run_id).review))
    except NotFound:
        return None


def _write_table(desk: Desk, found: ReviewResult) -> None:
    """The scores beside those of the evaluation jobs, for SQL."""
    plan = desk.plan(found.run_id)
    categories = {row.id: row.category for row in exhibits.read_rows(desk.store, plan.dataset)} if found.pairs else {}
    day = runs.day(desk.ledger, found.run_id)
    for pair in found.pairs:
        if pair.scores:
            place = desk.places(found.run_id).table(pair.pair.candidate, day).child(table.FILE)
            desk.store.write(place, table.file(plan, found, pair, categories))
