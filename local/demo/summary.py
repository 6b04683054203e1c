"""What the life cycle left behind, read back from the embedded AWS: `summary.json` and the tables on the terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table

from fmops_cli.reading import JOURNEYS, Reader, stage_seconds

Document = dict[str, Any]

_SHOWN = 3


def read(reader: Reader, run_id: str) -> Document:
    """The summary of the run `run_id` and of what followed. Nothing in it is written by the demonstration."""
    run, approval = reader.run(run_id), reader.approval(run_id) or {}
    release = next((found for found in reader.releases() if found["run_id"] == run_id), {})
    addresses = {approver["id"]: approver["address"] for approver in approval.get("approvers", [])}
    return {
        "run_id": run_id,
        "dataset": run["dataset"],
        "candidates": [
            {name: candidate.get(name) for name in ("id", "kind", "jobs", "metrics")}
            for candidate in reader.candidates(run_id)
        ],
        "verdict": run["verdict"],
        "winner": run["winner"],
        "approval": {
            "approver": addresses.get(approval.get("decided_by", "")),
            "decided_at": approval.get("decided_at"),
            "decision": approval.get("status"),
        },
        "release": {"endpoint": release.get("endpoint"), "model_package_arn": release.get("model_package_arn")},
        "monitoring": [
            {name: window.get(name) for name in ("window", "records", "verdict", "toxicity", "drift")}
            for window in reader.windows()
        ],
        "alerts": [{name: alert[name] for name in ("severity", "reason", "subject")} for alert in reader.alerts()],
        "discovered_models": reader.discovered_models(),
        "executions": [
            {"journey": journey, "name": execution["name"], "status": execution["status"]}
            for journey in JOURNEYS
            for execution in reversed(reader.executions(journey))
        ],
        "seconds": _seconds(reader),
    }


def _seconds(reader: Reader) -> dict[str, float]:
    """How long each journey was in each of its states, from Step Functions' history, over all its executions."""
    found: dict[str, float] = {}
    for journey in JOURNEYS:
        for execution in reader.executions(journey):
            for state, seconds in stage_seconds(reader.history(execution["executionArn"])).items():
                stage = f"{journey}.{state}"
                found[stage] = round(found.get(stage, 0.0) + seconds, 1)
    return found


def show(summary: Document, console: Console) -> None:
    """The summary as tables for people."""
    dataset = summary["dataset"]
    console.print(
        f"\n[bold]Run {summary['run_id']}[/bold] on {dataset['name']} {dataset['version']}: "
        f"{dataset['train_rows']} rows to train, {dataset['test_rows']} to test"
    )
    console.print(_candidates(summary))
    approval, release = summary["approval"], summary["release"]
    console.print(f"Verdict: [bold]{summary['verdict']}[/bold], winner: [bold]{summary['winner']}[/bold]")
    console.print(f"Decision: {approval['decision']} by {approval['approver']} at {approval['decided_at']}")
    console.print(f"Serves on: {release['endpoint']} ({release['model_package_arn']})")
    windows = [
        {**window, "toxic answers": _share(window["toxicity"]), "drifted most": _drifted(window["drift"])}
        for window in summary["monitoring"]
    ]
    columns = ("window", "records", "verdict", "toxic answers", "drifted most")
    console.print(_table("Monitoring", windows, columns))
    console.print(_table("Alerts", summary["alerts"], ("severity", "reason", "subject")))
    console.print(f"Discovered models: {', '.join(summary['discovered_models']) or 'none'}")
    console.print(_table("Executions", summary["executions"], ("journey", "name", "status")))


def _candidates(summary: Document) -> Table:
    names = list(dict.fromkeys(name for candidate in summary["candidates"] for name in candidate["metrics"] or {}))
    table = Table(title="Candidates (value and 95 % interval)", title_justify="left")
    table.add_column("metric")
    for candidate in summary["candidates"]:
        table.add_column(candidate["id"])
    for name in names:
        cells = [_interval((candidate["metrics"] or {}).get(name)) for candidate in summary["candidates"]]
        table.add_row(name, *cells)
    return table


def _interval(metric: Document | None) -> str:
    if metric is None or metric["value"] is None:
        return "not scored"
    if metric["low"] is None:
        return f"{metric['value']:.3f} (n {metric['n']})"
    return f"{metric['value']:.3f} [{metric['low']:.3f}, {metric['high']:.3f}] (n {metric['n']})"


def _share(toxicity: Document | None) -> str:
    if not toxicity or toxicity.get("share") is None:
        return "not scored"
    low, high = toxicity.get("low"), toxicity.get("high")
    interval = "" if low is None or high is None else f" [{low:.1%}, {high:.1%}]"
    return f"{toxicity['share']:.1%}{interval}"


def _drifted(drift: Document | None) -> str:
    """The features that moved more than chance brings and enough to matter, furthest first."""
    beyond = {name: found["size"] / found["limit"] for name, found in (drift or {}).items() if found.get("since")}
    names = sorted(beyond, key=lambda name: -beyond[name])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"{name} ({beyond[name]:.1f} x its limit)" for name in names[:_SHOWN]) + more or "nothing"


def _table(title: str, rows: list[Document], columns: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    return table


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(member)}" for name, member in value.items() if member is not None)
    return "" if value is None else str(value)
