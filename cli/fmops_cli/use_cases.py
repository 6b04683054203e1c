"""`fmops use-case`: the documents that say what the system does for whom."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from fmops.core.errors import UseCaseInvalid
from fmops.usecases.models import UseCase
from fmops.usecases.store import check as check_document
from fmops_cli.calling import Refused, call
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.reading import Reader
from fmops_cli.target import Target

app = typer.Typer(help="Add, check and list use cases.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A use case in YAML or JSON.", show_default=False)]


@app.command()
def add(file: File, stack: Stack = None, as_json: AsJson = False) -> None:
    """Store a use case, or its newer version; its people get mails to confirm their addresses."""
    use_case = read(file)
    saved = save(find(stack), use_case)
    if as_json:
        print_json(saved)
    else:
        reviewers = use_case.review.reviewers if use_case.review else []
        people = ", ".join(dict.fromkeys([*use_case.approvers, *reviewers, use_case.owner]))
        out.print(f"use case {use_case.name} saved; mails went to those of {people} who are new here")


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Say whether a use case is valid, without storing it; works offline."""
    use_case = read(file)
    if as_json:
        print_json({"valid": True, "name": use_case.name})
    else:
        tuned = sum(getattr(candidate, "tune", None) is not None for candidate in use_case.candidates)
        out.print(f"{file} is valid: use case {use_case.name}, {len(use_case.candidates)} candidates")
        out.print(f"({tuned} fine-tuned), scored by {', '.join(rule.name for rule in use_case.metrics)}")


@app.command("list")
def list_all(stack: Stack = None, as_json: AsJson = False) -> None:
    """List the use cases and what each names."""
    found = sorted(Reader(find(stack)).use_cases(), key=lambda document: str(document["name"]))
    if as_json:
        print_json(found)
        return
    table = new_table("use case", "task", "datasets", "candidates", "approvers", "serves as")
    for document in found:
        table.add_row(
            document["name"],
            document["task"],
            ", ".join(document["datasets"]),
            ", ".join(candidate["id"] for candidate in document["candidates"]),
            ", ".join(document["approvers"]),
            document["release"].get("endpoint_name") or f"route {document['release']['route_name']}",
        )
    out.print(table if found else "There is no use case yet: `fmops use-case add FILE` adds one.")


def read(file: Path) -> UseCase:
    """The use case in a file. UseCaseInvalid names the file, the member and what is wrong with it."""
    text = file.read_text(encoding="utf-8-sig", errors="strict") if _is_utf8(file) else None
    if text is None:
        raise UseCaseInvalid(f"{file}: is no text in UTF-8")
    try:
        document = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        raise UseCaseInvalid(f"{file}: can't be read: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise UseCaseInvalid(f"{file}: holds no document with members such as `name: ...`")
    try:
        return check_document(document)
    except UseCaseInvalid as error:
        raise UseCaseInvalid(f"{file}: {error}") from error


def save(target: Target, use_case: UseCase) -> dict[str, Any]:
    """Have the stack store a use case. UseCaseInvalid where the stack's version refuses it."""
    document = {"document": use_case.model_dump(mode="json")}
    try:
        return call(target, "SaveUseCaseFunctionName", document)
    except Refused as error:
        if error.kind == "UseCaseInvalid":
            raise UseCaseInvalid(f"the stack {target.name} refuses the use case: {error.message}") from error
        raise CommandFailed(f"the use case was not saved: {error}") from error


def _is_utf8(file: Path) -> bool:
    try:
        file.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
