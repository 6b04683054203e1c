"""Parquet files written by hand, read by those who read them."""

import io
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from fmops.core.parquet import Column, parquet

ROWS = 1000
COLUMNS = [
    Column("id", [f"row-ü-{n}" for n in range(ROWS)], optional=False),
    Column("category", [None if n % 3 else f"c{n}" for n in range(ROWS)]),
    Column("nothing", [None] * ROWS),
    Column("value", [None if n % 7 == 0 else n / 8 for n in range(ROWS)], is_number=True),
    *(Column(f"filler_{n}", ["x"] * ROWS) for n in range(14)),
]


def test_arrow_reads_what_was_written() -> None:
    table = pq.read_table(io.BytesIO(parquet(COLUMNS)))

    assert {column.name: table[column.name].to_pylist() for column in COLUMNS} == {
        column.name: column.values for column in COLUMNS
    }
    assert [str(table.schema.field(name).type) for name in ("id", "value")] == ["string", "double"]
    assert not table.schema.field("id").nullable


def test_duckdb_computes_on_it(tmp_path: Path) -> None:
    file = tmp_path / "scores.parquet"
    file.write_bytes(parquet(COLUMNS))

    scores = duckdb.read_parquet(str(file))
    found = scores.aggregate("count(*), count(value), max(value), count(nothing)").fetchall()

    assert found == [(ROWS, ROWS - 143, 999 / 8, 0)]


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        parquet([Column("a", ["x"]), Column("b", [])])
    with pytest.raises(ValueError, match="a lacks a value"):
        parquet([Column("a", [None], optional=False)])
