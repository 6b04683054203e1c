"""A model package waits in the registry: ours are expected, anybody else's is evaluated for its use case."""

from typing import Any

from fmops.core import clock, log, wiring
from fmops.core.events import NothingStarted
from fmops.datasets.store import Registered
from fmops.release.withdrawing import withdraw
from fmops.serving.registry import is_ours
from fmops.usecases.packages import USE_CASE, plan, review
from fmops.usecases.store import all_of

logger = log.logger("intake")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    settings, ledger = wiring.settings(), wiring.ledger()
    arn, status = event["detail"]["ModelPackageArn"], event["detail"].get("ModelApprovalStatus")
    described = wiring.client("sagemaker").describe_model_package(ModelPackageName=arn)
    facts = described.get("CustomerMetadataProperties", {})
    ours = is_ours(ledger, facts)
    answer: dict[str, Any] = {"package": arn, "ours": ours, "runs": []}
    if status == "Rejected":
        if ours and USE_CASE in facts:
            steps, machine = wiring.client("stepfunctions"), settings.release_machine
            answer["withdrawn"] = withdraw(ledger, steps, machine, wiring.emitter(), facts[USE_CASE], arn)
    elif not ours and status == "Approved" and not settings.asks_about_console_approvals:
        reason = "it was approved in the registry and nobody was asked: it is not deployed"
        wiring.emitter().emit(NothingStarted(run_id="", use_case="", cause=f"model package {arn}", reason=reason))
    elif not ours:
        wanted = plan(described, all_of(ledger), Registered(ledger), settings.stack)
        steps, machine = wiring.client("stepfunctions"), settings.evaluation_machine
        started = review(ledger, steps, machine, wiring.emitter(), wanted, arn, clock.now())
        answer |= started.model_dump(mode="json")
    logger.info("package reviewed", extra=answer)
    return answer
