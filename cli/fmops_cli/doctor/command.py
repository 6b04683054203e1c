"""The command itself."""

import typer
from rich.text import Text

from fmops_cli.doctor.checks import Level, findings
from fmops_cli.doctor.facts import read
from fmops_cli.failures import FAILED
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table

_STYLES = {Level.WELL: "green", Level.LOOK: "yellow", Level.WRONG: "bold red"}


def doctor(stack: Stack = None, as_json: AsJson = False) -> None:
    """Look at the stack and its account, and say what to do; the exit code is 1 where something is wrong."""
    found = findings(read(find(stack)))
    wrong = sum(one.level is Level.WRONG for one in found)
    if as_json:
        print_json({"findings": [one._asdict() for one in found], "wrong": wrong})
    else:
        table = new_table("about", "", "what", "what to do")
        for one in found:
            table.add_row(one.about, Text(one.level, _STYLES[one.level]), one.what, one.do)
        out.print(table)
        things = "thing is" if wrong == 1 else "things are"
        out.print(f"\n{wrong} {things} wrong." if wrong else "\nNothing is wrong.")
    if wrong:
        raise typer.Exit(FAILED)
