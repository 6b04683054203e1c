"""`fmops rollback`: one step back, by the same journey as any release."""

import getpass
import json
import uuid
from typing import Annotated

import typer

from fmops.release import returning
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.target import Target

Reason = Annotated[str, typer.Option("--reason", help="Why: it stands in the release's record and in the mails.")]


def rollback(
    use_case: Annotated[str, typer.Argument(help="The use case's name.", show_default=False)],
    reason: Reason,
    by: Annotated[str | None, typer.Option("--by", help="Who wants it; your user name by default.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Have a use case served again by what served it before its last release."""
    started(find(stack), use_case, reason, by or getpass.getuser(), as_json=as_json)


def started(target: Target, use_case: str, reason: str, by: str, *, as_json: bool) -> None:
    """Start the journey back, and say so. NotFound where there is no step back."""
    wanted = returning.Wanted(use_case=use_case, reason=reason, by=by)
    champion, before = returning.previous(target.ledger, use_case)
    execution = target.client("stepfunctions").start_execution(
        stateMachineArn=target.output("ReleaseAliasArn"),
        name=f"rollback-{use_case}-{uuid.uuid4().hex[:12]}",
        input=json.dumps({"rollback": wanted.model_dump(mode="json")}),
    )["executionArn"]
    if as_json:
        found = {"from": champion.release_id, "to": before.release_id, "execution": execution}
        print_json({"use_case": use_case, **found, "reason": reason})
    else:
        out.print(f"{use_case} goes back from {champion.candidate} of {champion.run_id}")
        out.print(f"to {before.candidate} of {before.run_id}, which served before")
        out.print("The golden prompts are asked and the alarms watched as in any release; a mail tells the end.")
