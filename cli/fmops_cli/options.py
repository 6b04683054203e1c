"""What all commands have in common: which stack they talk to, and how they say it."""

import json
import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from fmops_cli import target as targets
from fmops_cli.target import Target

Stack = Annotated[
    str | None,
    typer.Option("--stack", envvar="FMOPS_STACK_NAME", help="A deployed stack; without it the local run."),
]
_UNCUT = 500

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

# Without markup: what others named must not style or vanish. In a file or a pipe nothing is cut to a terminal's width.
out = Console(soft_wrap=True, highlight=False, markup=False, width=None if sys.stdout.isatty() else _UNCUT)


def table(*columns: str) -> Table:
    """A plain table; on a narrow terminal its cells have several lines."""
    found = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        found.add_column(column, overflow="fold")
    return found


def find(stack: str | None) -> Target:
    """The stack that was named, else the local run. NoTarget where it can't be reached."""
    return targets.deployed_target(stack) if stack else targets.local_target(targets.LOCAL_FILE)


def print_json(document: Any) -> None:
    """To stdout, for programs."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1, default=_plain)
    sys.stdout.write("\n")


def print_json_line(document: Any) -> None:
    """One document of several, on a line of its own, at once."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, default=_plain) + "\n")
    sys.stdout.flush()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
