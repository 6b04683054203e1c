"""How times, spans and statuses are said."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from local.console.account import ago, lasting
from local.console.journeys import about
from local.console.rendering import moment, tone, words

_M_1 = {"id": "m", "version": "1"}


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0.44, "0.4 s"),
        (12.3, "12 s"),
        (119.4, "119 s"),
        (180, "3 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
        (4e5, "4 days"),
    ],
)
def test_spans_are_short(seconds: float, text: str) -> None:
    assert lasting(seconds) == text


def test_past_is_told_from_now() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert ago(now - timedelta(minutes=3), now) == "3 min ago"
    assert ago(now, now) == "now"


@pytest.mark.parametrize(
    "name, text",
    [
        ("PendingManualApproval", "pending manual approval"),
        ("INSUFFICIENT_DATA", "insufficient data"),
        ("rolled_back", "rolled back"),
        ("fine_tuned", "fine tuned"),
    ],
)
def test_names_are_said_as_words(name: str, text: str) -> None:
    assert words(name) == text


def test_unknown_status_is_neutral() -> None:
    assert (tone("FAILED"), tone("InService"), tone("Whatever")) == ("bad", "good", "plain")


def test_times_are_exact_for_machines() -> None:
    assert moment("2026-11-24T05:06:07.890+01:00") == (
        '<time datetime="2026-11-24T04:06:07Z">2026-11-24 04:06:07</time>'
    )


@pytest.mark.parametrize(
    "given, text",
    [
        (
            '{"use_case": "trivia", "trigger": {"kind": "dataset", "dataset": {"name": "trivia", "version": "v1"}}}',
            "trivia · new dataset · on trivia v1",
        ),
        (
            json.dumps({"trigger": {"kind": "model", "model": _M_1, "dataset": {"name": "d", "version": "2"}}}),
            "new model · m 1 · on d 2",
        ),
        ('{"use_case": "trivia", "window_start": "2026-11-24T08:00:00.000Z"}', "trivia · window 2026-11-24 08:00"),
        ('{"detail": {"ModelPackageArn": "arn:aws:sagemaker:r:a:model-package/group/1"}}', "package group/1"),
        ('{"trigger": "odd"}', ""),
        ("[1]", ""),
        ("{}", ""),
    ],
)
def test_input_of_an_execution_says_what_it_is_about(given: str, text: str) -> None:
    assert about(given) == text
