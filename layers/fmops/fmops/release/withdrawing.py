"""A package was rejected in the registry while it serves: told, or taken back where the use case has that rule."""

import json
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.events import Emitter, NothingStarted
from fmops.core.ids import short_hash
from fmops.core.ledger import Ledger
from fmops.release import records
from fmops.release.models import Champion
from fmops.release.returning import Wanted
from fmops.usecases.releasing import EndpointTarget
from fmops.usecases.store import load

_REASON = "its model package was rejected in the registry"


def withdraw(ledger: Ledger, steps: Any, machine_arn: str, emitter: Emitter, use_case: str, package_arn: str) -> bool:
    """Whether the journey back was started. What doesn't serve is left alone; what stays in service is told.

    `steps` is a boto3 client of Step Functions; `machine_arn` is the release journey's. Told twice, it starts once.
    """
    champion = records.champion(ledger, use_case)
    if champion is None or champion.model_package_arn != package_arn:
        return False
    target = load(ledger, use_case).release
    if not isinstance(target, EndpointTarget) or target.on_rejected == "tell":
        return _tell(
            emitter, champion, "what serves is not withdrawn by the registry's word: roll it back if it must go"
        )
    if champion.previous is None:
        return _tell(
            emitter, champion, "nothing served before it that could serve again: release another, or delete it"
        )
    wanted = Wanted(use_case=use_case, reason=_REASON, by="the rule release.on_rejected")
    try:
        steps.start_execution(
            stateMachineArn=machine_arn,
            name=f"rejected-{short_hash(champion.release_id, package_arn, length=20)}",
            input=json.dumps({"rollback": wanted.model_dump(mode="json")}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
    return True


def _tell(emitter: Emitter, champion: Champion, reason: str) -> bool:
    cause = (
        f"model package {champion.model_package_arn}, rejected in the registry while it serves on {champion.endpoint}"
    )
    emitter.emit(NothingStarted(run_id="", use_case=champion.use_case, cause=cause, reason=reason))
    return False
