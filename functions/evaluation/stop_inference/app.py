"""Stops and deletes all that was started for a candidate, after success and after any failure."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.evaluation.desk import CandidateEnd
from fmops.evaluation.launching.stop_inference import stop_inference
from fmops.launches.wiring import purse, sagemaker

logger = log.logger("evaluation")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    end = CandidateEnd.model_validate(event)
    outcome = stop_inference(wiring.ledger(), sagemaker(), purse(), end, clock.now()).model_dump(mode="json")
    logger.info("inference stopped", extra={"run_id": end.run_id, "candidate": end.candidate, "ok": outcome["ok"]})
    return outcome
