"""What was measured is kept by name; the table is made from it."""

import json
from pathlib import Path

from benchmarks import __main__ as bench
from benchmarks.record import RESULTS, TABLE, Figure, merge


def test_new_figures_stand_beside_those_that_were_kept(tmp_path: Path) -> None:
    results, table = tmp_path / "results.json", tmp_path / "table.md"
    fast = Figure(value=20.0, unit="ms", rival="theirs", rival_value=1500.0, note="what both do")

    merge({"fast": fast, "lean": Figure(value=100, unit="MB", note="memory")}, results, table)
    merge({"lean": Figure(value=90, unit="MB", note="memory")}, results, table)

    kept = json.loads(results.read_text())
    assert (kept["fast"], kept["lean"]["value"]) == (fast, 90)
    assert "| `fast` | 20 ms | 1,500 ms (theirs) | 75 × | what both do |\n" in table.read_text()
    assert "| `lean` | 90 MB |  |  | memory |\n" in table.read_text()


def test_the_table_that_is_kept_is_made_from_the_figures_that_are_kept(tmp_path: Path) -> None:
    results, table = tmp_path / "results.json", tmp_path / "table.md"
    results.write_bytes(RESULTS.read_bytes())

    merge({}, results, table)

    assert table.read_text() == TABLE.read_text()
    assert results.read_text() == RESULTS.read_text()


def test_an_unknown_benchmark_is_named() -> None:
    assert bench.main(["guesses"]) == 2
