"""`fmops alerts`: what people must look at; acknowledge it, or have a use case quiet for a while."""

import getpass
from typing import Annotated, Any

import typer

from fmops_cli.calling import Refused, call
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.reading import Document, Reader

app = typer.Typer(help="List, acknowledge and mute alerts.", no_args_is_help=True)

UseCaseName = Annotated[str, typer.Argument(help="The use case's name.", show_default=False)]
By = Annotated[str | None, typer.Option("--by", help="Who does it; your user name by default.")]


@app.command("list")
def list_all(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """List the alerts that somebody must look at, newest first."""
    reader = Reader(find(stack))
    found = list(reversed(reader.alerts())) if everything else reader.open_alerts()
    if as_json:
        print_json([_public(record) for record in found])
        return
    table = new_table("alert", "severity", "status", "since", "what")
    for record in found:
        since = record["since"] or record["created_at"]
        told = record["status"] if record["told_at"] else f"{record['status']}, muted"
        table.add_row(record["alert_id"], record["severity"], told, since, record["subject"])
    out.print(table if found else "Nothing is open; `fmops alerts list --all` lists what was.")


@app.command()
def acknowledge(
    alert: Annotated[str, typer.Argument(help="The alert's id, as its mail has it.", show_default=False)],
    by: By = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Say that you take care of it: no reminder and no escalation any more."""
    answer = _tend(stack, {"do": "acknowledge", "alert_id": alert, "by": by or getpass.getuser()})
    if as_json:
        print_json(answer)
    elif answer["status"] in ("recovered", "told"):
        out.print(f"{alert} is over: nothing more is told of it")
    else:
        out.print(f"{alert} is acknowledged by {answer['by']}; its recovery will be told")


@app.command()
def mute(
    use_case: UseCaseName,
    reason: Annotated[str, typer.Option("--reason", help="Why: it stands in the ledger.")],
    hours: Annotated[float, typer.Option(min=0.1, max=168, help="For how long.")] = 1,
    by: By = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Mail nobody about a use case for some hours, alarms included. What is still so at their end is told then."""
    _muted(stack, use_case, hours, reason, by, as_json=as_json)


@app.command()
def unmute(use_case: UseCaseName, by: By = None, stack: Stack = None, as_json: AsJson = False) -> None:
    """End a mute now. What it held back is told within five minutes."""
    _muted(stack, use_case, 0, "unmuted", by, as_json=as_json)


def _muted(stack: str | None, use_case: str, hours: float, reason: str, by: str | None, *, as_json: bool) -> None:
    wanted = {"do": "mute", "use_case": use_case, "hours": hours, "reason": reason, "by": by or getpass.getuser()}
    answer = _tend(stack, wanted)
    if as_json:
        print_json(answer)
    elif hours:
        out.print(f"{use_case} is muted until {answer['muted_until']}")
    else:
        out.print(f"{use_case} is not muted; what was held back is told within five minutes")


def _tend(stack: str | None, wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        return call(find(stack), "TendAlertsFunctionName", wanted)
    except Refused as error:
        raise CommandFailed(error.message) from error


def _public(record: Document) -> Document:
    names = ("alert_id", "severity", "status", "since", "told_at", "reason", "subject", "use_case", "run_id")
    return {name: record[name] for name in (*names, "created_at")}
