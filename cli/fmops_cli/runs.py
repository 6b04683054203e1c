"""`fmops run`, `runs` and `report`: start evaluations, list them, read what they found."""

import json
import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from fmops.core.artifacts import location
from fmops.core.errors import NotFound
from fmops.datasets.store import Registered, registered
from fmops.selection.details import SIMULTANEOUS
from fmops.selection.models import Difference, MetricResult, Report
from fmops.usecases import store as use_cases
from fmops.usecases.metrics import LATENCY
from fmops.usecases.models import UseCase
from fmops.usecases.triggers import DatasetRef, Trigger, request_run
from fmops_cli import exhibits
from fmops_cli.failures import CommandFailed
from fmops_cli.judges import judged
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.performance import performance
from fmops_cli.reading import Reader
from fmops_cli.target import Target

_NO_RUN = "No run yet: a dataset (`fmops dataset add FILE`) or `fmops run USE_CASE` starts one."

RunId = Annotated[str, typer.Argument(help="The run's id; `fmops runs` lists them.", show_default=False)]


def run(
    use_case: Annotated[str, typer.Argument(help="The use case's name.", show_default=False)],
    dataset: Annotated[str | None, typer.Option(help="A registered dataset; by default the newest that fits.")] = None,
    version: Annotated[str | None, typer.Option(help="Its version; by default the newest.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Start an evaluation of a use case's candidates."""
    target = find(stack)
    chosen = choose(target, use_cases.load(target.ledger, use_case), dataset, version)
    request = request_run(use_case, Trigger(kind="person", dataset=chosen, request_id=uuid.uuid4().hex))
    started = target.client("stepfunctions").start_execution(
        stateMachineArn=target.output("EvaluationAliasArn"),
        name=request.run_id,
        input=json.dumps(request.model_dump(mode="json", exclude_none=True)),
    )
    if as_json:
        print_json({"run_id": request.run_id, "dataset": chosen.model_dump(), "execution": started["executionArn"]})
    else:
        out.print(f"started {request.run_id} on {chosen.name} {chosen.version}")
        out.print(f"`fmops watch {request.run_id}` follows it")


def runs(stack: Stack = None, as_json: AsJson = False) -> None:
    """List the newest evaluation runs."""
    found = Reader(find(stack)).runs()
    if as_json:
        print_json(found)
        return
    table = new_table("run", "use case", "dataset", "started by", "status", "verdict", "winner", "began")
    for each in found:
        dataset = each.get("dataset") or each["trigger"]["dataset"]
        table.add_row(
            each["run_id"],
            each["use_case"],
            f"{dataset['name']} {dataset['version']}",
            each["trigger"]["kind"],
            each["status"],
            each["verdict"] or "",
            each["winner"] or "",
            each["created_at"][:19].replace("T", " "),
        )
    out.print(table if found else _NO_RUN)


def report(
    run_id: RunId,
    html: Annotated[Path | None, typer.Option(help="Write the report as a web page into this file.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Print what a run found: verdict, reasons, candidates with intervals, categories, wins and losses (masked)."""
    target = find(stack)
    reader = Reader(target)
    record = reader.run(run_id)
    document = reader.report(record)
    if document is None:
        why = f": {record['failure']}" if record.get("failure") else ""
        raise CommandFailed(f"the run {run_id} is {record['status']} and has no report{why}")
    if html is not None:
        html.write_bytes(target.store.read(location(record["page_uri"])))
    if as_json:
        print_json(document)
    else:
        show(Report.model_validate(document))
        speeds = performance(reader.candidates(run_id))
        if speeds is not None:
            out.print("\nWhat answers took and cost:")
            out.print(speeds)
        if html is not None:
            out.print(f"written to {html}")


def choose(target: Target, use_case: UseCase, name: str | None, version: str | None) -> DatasetRef:
    """The dataset version that was named, else the newest that fits. NotFound where there is none."""
    if name is None:
        if version is not None:
            raise typer.BadParameter("a version needs --dataset too", param_hint="--version")
        newest = Registered(target.ledger).newest_of(use_case)
        if newest is None:
            wanted = ", ".join(use_case.datasets)
            raise NotFound(f"no dataset of {use_case.name} ({wanted}) is registered; `fmops dataset add` drops one")
        return newest
    for each in registered(target.ledger):
        if each.name == name and version in (None, each.version):
            return DatasetRef(name=each.name, version=each.version)
    raise NotFound(f"no dataset {name} {version or ''} is registered; `fmops dataset list` shows those that are")


def show(found: Report) -> None:
    """The report as tables for people."""
    decision = found.decision
    out.print(f"{decision.verdict}: {decision.sentence}")
    out.print(f"Use case {found.use_case}, run {found.run_id}, intervals at {found.confidence:.0%}\n")
    if decision.checks:
        checks = new_table("condition", "outcome")
        for check in decision.checks:
            checks.add_row(check.reason, check.check.replace("_", " "))
        out.print(checks)
        out.print()
    table = new_table("rank", "candidate", "model", *found.rules)
    for candidate in found.candidates:
        mark = " (champion)" if candidate.is_champion else ""
        cells = [_interval(candidate.metrics[name]) for name in found.rules]
        model = f"{candidate.model_id} {candidate.model_version}"
        table.add_row(str(candidate.rank or "-"), f"{candidate.id}{mark}", model, *cells)
    out.print(table)
    if decision.compared_with:
        out.print(f"\n{decision.leader} against {decision.compared_with} (above 0 is better):")
        for name, difference in found.differences.items():
            out.print(f"  {name}: {_interval(difference)}")
    if found.judge:
        out.print()
        for line in judged(found.judge):
            out.print(line)
    if LATENCY in found.rules:
        out.print(f"\n{SIMULTANEOUS}")
    by_category = exhibits.categories(found)
    if by_category is not None:
        out.print("\nBy category:")
        out.print(by_category)
    for number, line in enumerate(exhibits.examples(found)):
        out.print(line if number else f"\n{line}")
    lineage = found.lineage
    rows = f"{lineage.train_rows} rows to train, {lineage.test_rows} scored"
    out.print(f"\nDataset {lineage.dataset} {lineage.dataset_version}: {rows}")


def _interval(found: MetricResult | Difference) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "not scored"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def status_of(record: dict[str, Any]) -> str:
    """How a run stands, in one line."""
    verdict = f", {record['verdict']}" if record.get("verdict") else ""
    winner = f", winner {record['winner']}" if record.get("winner") else ""
    why = f": {record['failure']}" if record.get("failure") else ""
    return f"{str(record['status']).replace('_', ' ')}{verdict}{winner}{why}"
