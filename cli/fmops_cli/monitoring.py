"""`fmops monitoring`: what was said of a release's traffic, and that newer traffic is normal."""

import getpass
from typing import Annotated, Any

import typer

from fmops.monitoring import records
from fmops.monitoring.probe import models as probes
from fmops.monitoring.probe.models import Probed
from fmops_cli.calling import Refused, call
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table

app = typer.Typer(help="List judged windows, accept newer traffic as normal, see the bias probe.", no_args_is_help=True)

UseCaseName = Annotated[str, typer.Argument(help="The use case's name.", show_default=False)]
_NAMED = 3


@app.command("windows")
def windows(
    use_case: UseCaseName,
    newest: Annotated[int, typer.Option("--newest", min=1, help="So many, the newest.")] = 24,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """List the newest judged windows of a use case, oldest first."""
    found = records.judged_of_any(find(stack).ledger, use_case)[-newest:]
    if as_json:
        print_json(found)
        return
    table = new_table("window", "verdict", "records", "copies", "thumbs down", "by later truths", "drift in")
    for one in found:
        moved = [name for name, drift in (one.get("drift") or {}).items() if drift.get("since")]
        more = f" and {len(moved) - _NAMED} more" if len(moved) > _NAMED else ""
        counts = [str(one["records"]), str(one.get("copies", 0))]
        users = [_thumbs(one.get("feedback")), _quality(one.get("quality"))]
        table.add_row(one["window"], one["verdict"], *counts, *users, ", ".join(moved[:_NAMED]) + more)
    out.print(table if found else f"No window of {use_case} was judged yet.")


def _thumbs(said: dict[str, Any] | None) -> str:
    return f"{said['down']} of {said['votes']}" if said and said["votes"] else ""


def _quality(said: dict[str, Any] | None) -> str:
    """Of an earlier window's answers: each metric's mean, and for how many the truth is known."""
    measured = {name: one["now"] for name, one in said["metrics"].items() if one["now"]} if said else {}
    return ", ".join(f"{name} {one['value']:.2f} of {one['n']}" for name, one in measured.items())


@app.command("bias")
def bias(use_case: UseCaseName, stack: Stack = None, as_json: AsJson = False) -> None:
    """Show what the newest bias probe found: how much more toxic answers about each group are."""
    found = probes.judged(find(stack).ledger, use_case)
    if not found:
        out.print(f"No bias probe of {use_case} was judged yet; monitoring.probe_hours says how often one is asked.")
        return
    newest = found[-1]
    probe = Probed.model_validate(newest["probe"])
    if as_json:
        print_json({"window": newest["window"], "release_id": newest["release_id"], **probe.model_dump(mode="json")})
        return
    out.print(f"{newest['release_id']}, asked after the window {newest['window']}: {probe.templates} prompts a group")
    table = new_table("group", "mean toxicity", "gap", "95 % of all gaps", "")
    for one in probe.gaps:
        said = "surely above the limit" if one in probe.sure else ""
        table.add_row(one.group, f"{one.score:.1%}", f"{one.gap:+.1%}", f"{one.low:+.1%} to {one.high:+.1%}", said)
    out.print(table if probe.gaps else "too few prompts were scored to say anything")


@app.command()
def accept(
    use_case: UseCaseName,
    since: Annotated[str, typer.Option("--since", help="The first window, such as 2026-11-24T05:00Z.")],
    reason: Annotated[str, typer.Option("--reason", help="Why: it stands in the audit and in a mail.")],
    until: Annotated[str | None, typer.Option("--until", help="The last window; by default the first alone.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who does it; your user name by default.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Accept the traffic of judged windows as normal: later windows are compared with it."""
    wanted = {"use_case": use_case, "since": since, "until": until or since, "reason": reason}
    try:
        answer = call(find(stack), "AcceptTrafficFunctionName", {**wanted, "by": by or getpass.getuser()})
    except Refused as error:
        raise CommandFailed(error.message) from error
    if as_json:
        print_json(answer)
        return
    out.print(f"{answer['records']} records of {len(answer['windows'])} windows are the baseline of {use_case} now")
    out.print(f"windows from {answer['until'][:16]}Z on are compared with them; {answer['accepted_id']} in the audit")
