"""`fmops results`: SQL over the scores of all runs, read by DuckDB from the files that Athena reads in an account."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import duckdb
import typer
from rich.table import Table

from fmops.core.artifacts import Location
from fmops_cli.failures import CommandFailed
from fmops_cli.options import AsJson, Stack, find, out, print_json
from fmops_cli.target import Target

PREFIX = "results/"
_QUERY = """
SELECT day, use_case, run_id, candidate_id, metric,
       round(avg(value), 4) AS mean, count(value) AS scored, count(*) - count(value) AS missing
FROM scores GROUP BY ALL ORDER BY day DESC, run_id, metric, mean DESC
"""


def results(
    query: Annotated[
        str, typer.Argument(help="SQL over the table `scores`; by default the means of each run.", show_default=False)
    ] = _QUERY,
    since: Annotated[str, typer.Option(help="Only runs that began on this day (2026-11-24) or later.")] = "",
    stack: Stack = None,
    as_json: AsJson = False,
) -> None:
    """Ask the scores of all runs by SQL."""
    with TemporaryDirectory() as folder:
        fetch(find(stack), Path(folder), since)
        columns, rows = ask(Path(folder), query)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    table = Table(*columns, box=None)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table)


def fetch(target: Target, folder: Path, since: str = "") -> None:
    """Bring the files of the table below a folder. CommandFailed where there are none."""
    bucket, s3, found = target.output("ArtifactsBucketName"), target.client("s3"), 0
    for entry in target.store.keys(Location(bucket, PREFIX)):
        key = str(entry["Key"])
        day = key.removeprefix(PREFIX).partition("/")[0].removeprefix("day=")
        if not key.endswith(".parquet") or day < since:
            continue
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(file))
        found += 1
    if not found:
        when = f" since {since}" if since else ""
        raise CommandFailed(f"no run has left scores{when} yet; `fmops runs` lists the runs")


def ask(folder: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of the answer's columns, and its rows. CommandFailed where DuckDB refuses the query."""
    with duckdb.connect() as connection:
        pattern = str(folder / PREFIX / "**" / "*.parquet").replace("'", "''")
        connection.execute(
            "CREATE TABLE scores AS SELECT * FROM "  # noqa: S608 - the path is ours
            f"read_parquet('{pattern}', hive_partitioning = true, hive_types = {{'day': VARCHAR}})"
        )
        # The query is a person's own, but it has no business with other files or the network.
        connection.execute("SET enable_external_access = false")
        try:
            answer = connection.execute(query)
        except duckdb.Error as error:
            raise CommandFailed(f"DuckDB refuses the query: {error}") from error
        return [column[0] for column in answer.description or []], answer.fetchall()
