"""`fmops dataset`: drops data into the datasets bucket, as people do with S3's own tools, and lists what was taken."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import boto3
import typer
from botocore import UNSIGNED
from botocore.config import Config

from fmops.core.artifacts import location
from fmops.core.errors import DatasetRefused, NotFound
from fmops.datasets import labelling
from fmops.datasets.models import Finding, QualityReport
from fmops.datasets.places import labels
from fmops.datasets.rows import guess_columns, usual_names
from fmops_cli import builtin
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.options import table as new_table
from fmops_cli.reading import Reader
from fmops_cli.target import NoTarget, Target

app = typer.Typer(help="Drop, list and show datasets.", no_args_is_help=True)

_SPLITS = ("train", "test")
_SHOWN = 5


class Upload(NamedTuple):
    """An object to write."""

    key: str
    body: bytes


@app.command()
def add(
    source: Annotated[Path, typer.Argument(help="A .jsonl file, or a folder with train.jsonl and test.jsonl.")],
    name: Annotated[str | None, typer.Option(help="The dataset's name; by default the file's or folder's.")] = None,
    version: Annotated[str, typer.Option(help="The version, for a folder; a file's version is its content.")] = "v1",
    task: Annotated[str, typer.Option(help="The task, for a folder.")] = "question_answering",
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Drop a dataset: that it lies there starts everything."""
    named = name or source.stem
    uploads = list(of_folder(source, named, version, task) if source.is_dir() else of_file(source, named))
    target = find(stack)
    bucket, s3 = target.output("DatasetsBucketName"), target.client("s3")
    for upload in uploads:
        s3.put_object(Bucket=bucket, Key=upload.key, Body=upload.body)
    last = f"s3://{bucket}/{uploads[-1].key}"
    if as_json:
        print_json({"name": named, "objects": [f"s3://{bucket}/{upload.key}" for upload in uploads]})
    else:
        out.print(f"dropped {last}; `fmops runs` shows what it starts, and what is wrong with it comes by mail")


@app.command("import-builtin")
def import_builtin(
    name: Annotated[str, typer.Argument(help="One of FMEval's built-in datasets, such as trex or crows-pairs.")],
    source: Annotated[
        str | None, typer.Option("--from", help="A copy of its file, here or as s3://bucket/key; else FMEval's own.")
    ] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Only so many rows: a sample, always the same.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Import one of FMEval's built-in datasets, once: runs need no network for it afterwards."""
    known, target = builtin.named(name), find(stack)
    with opened(source or known.uri, target) as lines:
        found = builtin.convert(name, known, lines, rows)
    bucket, s3 = target.output("DatasetsBucketName"), target.client("s3")
    below = f"datasets/{found.manifest.name}/{found.manifest.version}"
    s3.put_object(Bucket=bucket, Key=f"{below}/rows.jsonl", Body=found.rows)
    # Last: it says that all is there.
    s3.put_object(Bucket=bucket, Key=f"{below}/manifest.json", Body=found.manifest.model_dump_json().encode())
    if as_json:
        print_json({**found.manifest.model_dump(mode="json"), "left_out": found.left_out})
        return
    out.print(f"dropped {found.manifest.name} {found.manifest.version} into s3://{bucket}/{below}/")
    out.print(f"{found.manifest.description}; licence: {found.manifest.licence}")
    if found.left_out:
        out.print(f"{found.left_out} rows without a text were left out")


@app.command()
def unlabelled(
    use_case: Annotated[str, typer.Argument(help="The use case's name.", show_default=False)],
    request: Annotated[str | None, typer.Argument(help="Which request; by default the newest.")] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Write the prompts here; else they are only listed.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """List the prompts of drifted traffic that want labels, and fetch them."""
    target = find(stack)
    found = labelling.of_use_case(target.ledger, use_case)
    found.sort(key=lambda one: one.asked_at, reverse=True)
    if to is not None:
        chosen = next((one for one in found if request in (None, one.request_id)), None)
        if chosen is None:
            raise NoTarget(f"nobody asked for labels {request or ''} of {use_case}")
        to.write_bytes(target.store.read(location(chosen.prompts_uri)))
        out.print(f"{chosen.prompts} prompts are in {to}: write the right answers into `target`, then")
        out.print(f"fmops dataset label {use_case} {chosen.request_id} {to}")
    elif as_json:
        print_json([one.model_dump(mode="json") for one in found])
    else:
        table = new_table("request", "asked", "prompts", "drift since", "added to", "file")
        for one in found:
            base = f"{one.base.name} {one.base.version}"
            table.add_row(one.request_id, one.asked_at[:16], str(one.prompts), one.since, base, one.prompts_uri)
        out.print(table if found else f"Nothing wants labels for {use_case}; docs/monitoring.md says what would.")


@app.command()
def label(
    use_case: Annotated[str, typer.Argument(help="The use case's name.", show_default=False)],
    request: Annotated[str, typer.Argument(help="The request, as the mail has it.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="The prompts, with labels in `target`.", show_default=False)],
    stack: Stack = None,
) -> None:
    """Drop the labels that drift asked for: with the use case's own dataset they are its next version."""
    target = find(stack)
    try:
        labelling.find(target.ledger, use_case, request)
    except NotFound as error:
        raise NoTarget(f"nobody asked for labels {request} of {use_case}; `fmops dataset unlabelled`") from error
    place = labels(target.output("DatasetsBucketName"), use_case, request)
    target.client("s3").put_object(Bucket=place.bucket, Key=place.key, Body=file.read_bytes())
    out.print(f"dropped {place.uri}; `fmops dataset list` shows the version that it makes, what is wrong comes by mail")


@contextmanager
def opened(place: str, target: Target) -> Iterator[Iterable[bytes]]:
    """The lines of a file, here or in S3: FMEval's bucket in AWS itself, every other with the stack's own client."""
    if not place.startswith("s3://"):
        with Path(place).open("rb") as file:
            yield file
        return
    where = location(place)
    s3 = fmevals_s3() if place.startswith("s3://fmeval/") else target.client("s3")
    body = s3.get_object(Bucket=where.bucket, Key=where.key)["Body"]
    yield body.iter_lines(keepends=True)


def fmevals_s3() -> Any:
    """With credentials where there are some, as FMEval; else without: its bucket is public."""
    session = boto3.session.Session()
    config = None if session.get_credentials() else Config(signature_version=UNSIGNED)
    return session.client("s3", region_name=builtin.REGION, config=config)


@app.command("list")
def list_all(stack: Stack = None, as_json: AsJson = False) -> None:
    """List the datasets that were registered, newest first."""
    found = Reader(find(stack)).datasets()
    if as_json:
        print_json(found)
        return
    table = new_table("dataset", "version", "task", "rows to train", "rows to test")
    for dataset in found:
        table.add_row(
            dataset["name"], dataset["version"], dataset["task"], str(dataset["train_rows"]), str(dataset["test_rows"])
        )
    out.print(table if found else "No dataset is registered yet: `fmops dataset add FILE` drops one.")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The dataset's name.")],
    version: Annotated[str | None, typer.Argument(help="Its version; by default the newest.")] = None,
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Show what was found in a registered dataset: its quality report."""
    target = find(stack)
    named = [dataset for dataset in Reader(target).datasets() if dataset["name"] == name]
    dataset = next((dataset for dataset in named if version in (None, dataset["version"])), None)
    if dataset is None:
        raise NoTarget(f"no dataset {name} {version or ''} is registered; `fmops dataset list` lists them")
    report = QualityReport.model_validate(target.store.read_json(location(dataset["quality_uri"])))
    if as_json:
        print_json(report.model_dump(mode="json"))
        return
    shown = new_table("what", "found")
    for what, found in findings(report):
        shown.add_row(what, found)
    out.print(f"{report.dataset} {report.version}, {dataset['task']}")
    out.print(shown)


def findings(report: QualityReport) -> Iterator[tuple[str, str]]:
    """A quality report for people: what there is, and the rows that deserve a look."""
    yield "rows", f"{report.train_rows} to train, {report.test_rows} to test"
    for what, lengths in (("input", report.input_characters), ("target", report.target_characters)):
        if lengths:
            spread = f"{lengths.least} to {lengths.most} characters, half of them up to {lengths.median}"
            yield f"length of {what}", f"{spread}; {_found(lengths.outliers)} far out"
    yield "without target", str(report.without_target)
    yield "asked twice", _found(report.duplicates.same)
    yield "asked twice, answered differently", _found(report.duplicates.with_other_targets)
    yield "languages", _counts(report.languages)
    yield "personal data", f"{_found(report.rows_with_pii)}{f': {_counts(report.pii)}' if report.pii else ''}"
    if report.labels:
        yield "labels", _counts(report.labels)
    if report.groups:
        yield "groups", f"{report.groups.count}, the largest of {report.groups.largest} rows"
        yield "groups on both sides", _found(report.groups.on_both_sides)
    seen = "; ".join(f"{one.test} = {one.train} ({one.similarity:.2f})" for one in report.overlaps.examples[:_SHOWN])
    near = _counts({f"from {level}": count for level, count in report.overlaps.near.items() if count}) or "none"
    yield "test rows that training saw", f"{report.overlaps.exact} word for word, nearly: {near}"
    if seen:
        yield "of them the most alike", seen


def _found(finding: Finding) -> str:
    few = ", ".join(finding.examples[:_SHOWN])
    return f"{finding.count} ({few}{', …' if finding.count > _SHOWN else ''})" if few else str(finding.count)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def of_file(file: Path, name: str) -> Iterator[Upload]:
    """A lone file goes into the inbox; the system writes its manifest."""
    yield Upload(f"inbox/{name}/{file.name}", file.read_bytes())


def of_folder(folder: Path, name: str, version: str, task: str) -> Iterator[Upload]:
    """The folder's files, then the manifest: it says that all is there. DatasetRefused for a folder without rows."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise DatasetRefused(f"{folder} holds no .jsonl file")
    below, listed = f"datasets/{name}/{version}", []
    for file in files:
        body = file.read_bytes()
        split = file.stem if file.stem in _SPLITS else "all"
        listed.append({"path": file.name, "sha256": hashlib.sha256(body).hexdigest(), "split": split})
        yield Upload(f"{below}/{file.name}", body)
    manifest = {"name": name, "version": version, "task": task, "columns": _columns(files[0], task), "files": listed}
    yield Upload(f"{below}/manifest.json", json.dumps(manifest).encode())


def _columns(file: Path, task: str) -> dict[str, Any]:
    """Which member of a row is what, by the names that are usual. DatasetRefused where they don't tell."""
    found = guess_columns(_first_row(file), needs_target=task != "open_ended")
    if found is None:
        raise DatasetRefused(f"{file}, line 1: the members' names do not tell input and target ({usual_names()})")
    return found.model_dump(mode="json", exclude_none=True)


def _first_row(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        line = stream.readline()
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except ValueError as error:
        raise DatasetRefused(f"{file}, line 1: is no JSON in UTF-8 ({error})") from error
    if not isinstance(row, dict):
        raise DatasetRefused(f"{file}, line 1: is no JSON object")
    return row
