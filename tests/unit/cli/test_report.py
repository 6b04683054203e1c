"""`fmops report` shows what the page shows: categories, wins and losses, what the intervals of latency lack."""

import pytest

from fmops.selection.details import SIMULTANEOUS
from fmops_cli import runs
from tests.fakes.report import report


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> str:
    runs.show(report())
    return capsys.readouterr().out


def test_categories_stand_with_rows_scores_and_difference(shown: str) -> None:
    (science,) = [line for line in shown.splitlines() if line.startswith("science")]

    assert science.split() == ["science", "190", "0.610", "0.500", "+0.110", "[+0.080,", "+0.140]"]


def test_the_largest_wins_and_losses_are_shown_with_both_answers(shown: str) -> None:
    lines = shown.splitlines()
    first = lines.index("Largest wins of llama-3b-tuned against champion (3 of 10; the page shows all):")

    assert lines[first + 1 : first + 6] == [
        "  +1.000  row test-00000, science",
        "    asked: Answer in a few words. Question: What is the chemical symbol of tungsten? Answer:",
        "    expected: W",
        "    llama-3b-tuned (0.990): W",
        "    champion (-0.010): Tu",
    ]
    assert "Largest losses of llama-3b-tuned against champion (3 of 4; the page shows all):" in lines


def test_what_a_model_wrote_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    found = report()
    assert found.details is not None
    win = found.details.wins[0]
    evil = win.model_copy(update={"leader": win.leader.model_copy(update={"answer": "a\x1b[2J\nb [red]c"})})
    details = found.details.model_copy(update={"wins": [evil]})

    runs.show(found.model_copy(update={"details": details}))

    assert "llama-3b-tuned (0.990): a[2J b [red]c" in capsys.readouterr().out


def test_intervals_of_latency_say_what_they_take_for_granted(shown: str) -> None:
    assert SIMULTANEOUS in shown


def test_a_report_without_details_is_shown_as_before(capsys: pytest.CaptureFixture[str]) -> None:
    runs.show(report(details=None))

    told = capsys.readouterr().out
    assert "Promote llama-3b-tuned" in told
    assert "By category" not in told
