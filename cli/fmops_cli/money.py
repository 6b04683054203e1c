"""`fmops spend` and `fmops estimate`: what was spent and reserved, and what a run may cost."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from fmops.catalog.bedrock import Bedrock
from fmops.catalog.hub import Hub
from fmops.catalog.prices import dated, network_per_month
from fmops.core.artifacts import location
from fmops.core.errors import BudgetExceeded, NotFound
from fmops.datasets import store as datasets
from fmops.evaluation import champion
from fmops.evaluation.planning.candidates import Known, ScoredRows, plan
from fmops.evaluation.planning.choosing import Catalogs, check, choose
from fmops.evaluation.planning.estimates import Estimate, Past, estimate
from fmops.launches.purse import MONTH_KIND, RUN_KIND, Purse, month_of
from fmops.usecases import store as use_cases
from fmops.usecases.models import UseCase
from fmops.usecases.resolve import of_dataset
from fmops.usecases.triggers import DatasetRef, Trigger, request_run
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.runs import choose as choose_dataset
from fmops_cli.target import Target

_JOURNEYS = ("evaluation", "release", "monitoring")
_NEWEST_RUNS = 200


def spend(
    use_case: Annotated[str | None, typer.Argument(help="Only this use case.", show_default=False)] = None,
    month: Annotated[str, typer.Option(help="As 2026-11; by default this month.")] = "",
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Show what was spent and what is reserved: by month, by journey, by run."""
    target = find(stack)
    wanted = month or month_of(datetime.now(UTC))
    months = [
        {**record, "month_usd": _cap(target, record["use_case"])}
        for record in target.ledger.of_kind(MONTH_KIND)
        if record["month"] == wanted and use_case in (None, record["use_case"])
    ]
    runs = [
        record
        for record in target.ledger.of_kind(RUN_KIND)
        if str(record["updated_at"]).startswith(wanted) and use_case in (None, record["use_case"])
    ]
    if as_json:
        print_json({"month": wanted, "use_cases": months, "runs": runs})
        return
    if not months:
        out.print(f"Nothing was launched in {wanted}, so nothing is spent.")
        return
    table = new_table("use case", "of the month's", "spent", "reserved", *_JOURNEYS)
    for each in months:
        cap = "no use case any more" if each["month_usd"] is None else _usd(each["month_usd"])
        table.add_row(each["use_case"], cap, *_spent(each), *(_usd(each.get(f"{name}_usd", 0)) for name in _JOURNEYS))
    out.print(table)
    out.print()
    by_run = new_table("run", "use case", "journey", "spent", "reserved")
    for each in sorted(runs, key=lambda record: str(record["updated_at"]), reverse=True):
        by_run.add_row(each["run_id"], each["use_case"], each["journey"], *_spent(each))
    out.print(by_run)
    out.print(f"\nUS dollars for {wanted}, at list prices of {dated()}. Reserved is the worst case of what still runs.")


def estimate_run(
    name: Annotated[str, typer.Argument(help="A use case, or a dataset: then each use case it belongs to.")],
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Say what a run may cost before it is started, and how good such estimates were."""
    target = find(stack)
    found = [_estimate(target, use_case, dataset) for use_case, dataset in _asked(target, name)]
    if as_json:
        print_json(found)
        return
    table = new_table("use case", "dataset", "at worst", "likely", "of runs", "estimates were", "of the month left")
    for each in found:
        likely = "no run yet" if each["likely_usd"] is None else _usd(each["likely_usd"])
        was = "not measured yet" if each["typical_ratio"] is None else f"actual {each['typical_ratio']:.2f} × estimate"
        left = _usd(each["month_left_usd"])
        table.add_row(each["use_case"], each["dataset"], _usd(each["worst_usd"]), likely, str(each["runs"]), was, left)
    out.print(table)
    for each in found:
        if each["refusal"]:
            out.print(f"\n{each['use_case']} would not start: {each['refusal']}")
    if interfaces := target.outputs.get("NetworkInterfaceCount"):
        monthly = _usd(network_per_month(int(interfaces)))
        out.print(
            f"\nThe stack's own network costs {monthly} a month besides, whatever runs ({interfaces} interfaces)."
        )
    out.print(f"\nUS dollars, at list prices of {dated()}.")


def _asked(target: Target, name: str) -> list[tuple[UseCase, DatasetRef]]:
    known = use_cases.all_of(target.ledger)
    named = [use_case for use_case in known if use_case.name == name]
    if named:
        return [(named[0], choose_dataset(target, named[0], None, None))]
    versions = [each for each in datasets.registered(target.ledger) if each.name == name]
    if not versions:
        raise NotFound(f"there is no use case and no dataset {name}; `fmops use-case list` and `fmops dataset list`")
    newest = DatasetRef(name=versions[0].name, version=versions[0].version)
    matching = of_dataset(known, newest.name, versions[0].task)
    if not matching:
        raise CommandFailed(f"no use case names the dataset {name}: it would start no run")
    return [(use_case, newest) for use_case in matching]


def _estimate(target: Target, use_case: UseCase, chosen: DatasetRef) -> dict[str, Any]:
    ledger = target.ledger
    # Planned as the journey plans it, with a budget that refuses nothing, so that the number is seen.
    boundless = use_case.model_copy(update={"budget": use_case.budget.model_copy(update={"run_usd": 1e12})})
    dataset = datasets.load(ledger, chosen.name, chosen.version)
    reigning = champion.load(ledger, use_case.name)
    request = request_run(use_case.name, Trigger(kind="person", dataset=chosen, request_id="estimate"))
    catalogs = Catalogs(
        Hub(target.client("sagemaker"), target.outputs.get("HubName", "SageMakerPublicHub")).model,
        lambda model_id: Bedrock(target.client("bedrock")).model(model_id),
    )
    choice = choose(request, use_case, reigning, catalogs)
    check(choice, use_case.name)
    size = sum(int(item["Size"]) for item in target.store.keys(location(dataset.test_uri)))
    region = target.client("s3").meta.region_name
    # Whether a host is allowed costs nothing: the run itself checks it.
    known = Known(boundless, dataset, reigning, ScoredRows(dataset.test_uri, [], size), region, ("*",))
    made = plan(request, known, choice.chosen)
    found: Estimate = estimate(made.worst_case_usd, past(target, use_case.name))
    taken = Purse(ledger).of_month(use_case.name, month_of(datetime.now(UTC))).committed
    left = round(use_case.budget.month_usd - taken, 4)
    return {
        "use_case": use_case.name,
        "dataset": f"{chosen.name} {chosen.version}",
        **found.model_dump(),
        "typical_ratio": found.typical_ratio,
        "month_left_usd": left,
        "refusal": _refusal(made.worst_case_usd, use_case.budget.run_usd, left),
    }


def past(target: Target, use_case: str) -> list[Past]:
    """The use case's runs that are over and paid, oldest first."""
    spent = {
        record["run_id"]: float(record["settled_usd"])
        for record in target.ledger.of_kind(RUN_KIND)
        if record["use_case"] == use_case
        and record["journey"] == "evaluation"
        and abs(float(record["committed_usd"]) - float(record.get("settled_usd") or 0)) < 1e-6
    }
    runs = reversed(target.ledger.of_kind("run", newest=_NEWEST_RUNS))
    return [
        Past(run["run_id"], float(run["worst_case_usd"]), spent[run["run_id"]])
        for run in runs
        if run["run_id"] in spent and run.get("worst_case_usd")
    ]


def _refusal(worst: float, run_usd: float, month_left: float) -> str:
    if worst > run_usd:
        return f"{BudgetExceeded.__name__}: it may cost {worst:.2f} USD, and its budget allows {run_usd:.2f} a run"
    if worst > month_left:
        return f"{BudgetExceeded.__name__}: it may cost {worst:.2f} USD, and {month_left:.2f} of the month are left"
    return ""


def _cap(target: Target, use_case: str) -> float | None:
    try:
        return use_cases.load(target.ledger, use_case).budget.month_usd
    except NotFound:
        return None


def _spent(record: dict[str, Any]) -> tuple[str, str]:
    settled = float(record.get("settled_usd") or 0)
    return _usd(settled), _usd(max(0.0, float(record["committed_usd"]) - settled))


def _usd(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 1 or value == 0 else f"{value:.4f}"
