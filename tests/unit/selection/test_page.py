"""The report's page stands alone and shows nothing that others named as markup."""

from datetime import UTC, datetime

from fmops.selection.compare import Question, compare
from fmops.selection.page import page
from tests.unit.selection.conftest import F1, LINEAGE, around, evaluated


def test_page_shows_the_decision_and_every_candidate_and_escapes_names() -> None:
    hostile = evaluated("tuned", {"f1": around(0.6)}, base="base", model_id="<script>alert(1)</script>")
    report = compare(
        Question("run-1", "trivia", [F1], 30),
        [evaluated("base", {"f1": around(0.2, seed=2)}), hostile],
        LINEAGE,
        datetime(2026, 11, 24, tzinfo=UTC),
    )

    html = page(report)

    assert "Promote tuned" in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html
    assert "http" not in html
