"""After the wait for reviewers, however it ended: closes their ballots and writes down what they add up to."""

from typing import Any

from fmops.core import clock, log
from fmops.evaluation import trail, wiring
from fmops.evaluation.reviews.counting import count

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    desk, now = wiring.desk(), clock.now()
    found = count(desk, event["run_id"], now)
    trail.note_review(desk, found, now)
    told = {"run_id": found.run_id, "voted": found.voted, "sent": found.sent, "votes": len(found.judgements)}
    logger.info("votes counted", extra=told)
    return told
