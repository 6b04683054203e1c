"""Starts the monitoring journey for each window that is due, of each released target."""

import json
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from fmops.core.clock import iso, parse
from fmops.core.ledger import Ledger
from fmops.core.models import Ours
from fmops.monitoring import records
from fmops.monitoring.models import WindowTask
from fmops.monitoring.windows import closed
from fmops.usecases.store import load


class Scheduled(Ours):
    """What a tick of the schedule led to."""

    targets: int
    started: list[str]


def schedule(ledger: Ledger, steps: Any, machine_arn: str, now: datetime) -> Scheduled:
    """Start what is due at `now`. `steps` is a boto3 client of Step Functions. The same tick twice is no harm."""
    watched, started = records.targets(ledger), list[str]()
    for target in watched:
        rule = load(ledger, target.use_case).monitoring
        lateness = timedelta(minutes=rule.lateness_minutes)
        known = records.known(ledger, target.use_case)
        for window in closed(now, parse(target.released_at), rule.window_hours, lateness):
            if window.name in known:
                continue
            task = WindowTask(
                run_id=records.run_id(target.use_case, window),
                use_case=target.use_case,
                window_start=iso(window.start),
                window_hours=window.hours,
            )
            document = task.model_dump(mode="json", exclude={"execution_arn", "task_token"})
            try:
                steps.start_execution(stateMachineArn=machine_arn, name=task.run_id, input=json.dumps(document))
            except ClientError as error:
                if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                    raise
            started.append(task.run_id)
    return Scheduled(targets=len(watched), started=started)
