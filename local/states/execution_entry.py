"""A child execution as it stands in the files of a ResultWriter."""

from datetime import datetime
from typing import Any

from local.states.map_run import Child, MapRun


def entry_of(map_run: MapRun, child: Child) -> dict[str, Any]:
    """Input and output are JSON texts; a child that never began has only its input."""
    execution = child.execution
    if execution is None:
        return {"Input": child.text, "InputDetails": {"Included": True}, "StateMachineArn": map_run.child_machine_arn}
    entry = {
        "ExecutionArn": execution.arn,
        "Input": execution.input,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "Output": execution.output,
        "OutputDetails": {"Included": True} if execution.output is not None else None,
        "Error": execution.error,
        "Cause": execution.cause,
        "RedriveCount": execution.redrive_count,
        "RedriveStatus": execution.describe()["redriveStatus"],
        "StartDate": _iso(execution.started),
        "StateMachineArn": map_run.child_machine_arn,
        "Status": execution.status,
        "StopDate": _iso(execution.stopped) if execution.stopped else None,
    }
    return {key: value for key, value in entry.items() if value is not None}


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
