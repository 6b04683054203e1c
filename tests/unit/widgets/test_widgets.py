"""The dashboard's custom widgets: what they say, in both themes, and that nothing in them acts."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from typing import Any

import pytest

from fmops.widgets.heat_map import FEATURES, WINDOWS, heat_maps
from fmops.widgets.leaderboard import leaderboard
from fmops.widgets.page import Context, answered, link
from fmops.widgets.waiting import ROWS, waiting

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
LIGHT, DARK = Context(theme="light"), Context(theme="dark")
HOSTILE = '<script>alert(1)</script>" onload="x'


def run(**more: Any) -> dict[str, Any]:
    return {"run_id": "run-1", "use_case": "trivia", "status": "completed", "verdict": "PROMOTE", "winner": "b", **more}


def candidate(name: str, value: float | None, **more: Any) -> dict[str, Any]:
    scored = {"value": value, "low": value and value - 0.1, "high": value and value + 0.1, "n": 60}
    return {"id": name, "metrics": {"f1": scored}, "is_champion": False, **more}


def approval(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "run_id": f"run-{number}",
        "use_case": "trivia",
        "candidate": "tuned",
        "status": "pending",
        "approvers": [{"id": "p1", "address": "anna@example.com"}, {"id": "p2", "address": "bert@example.com"}],
        "votes": [{"approver": "p1"}],
        "needed": 2,
        "expires_at": "2026-11-24T05:30:00Z",
        "execution_arn": "arn:aws:states:us-east-1:1:execution:fmops-evaluation:run-1",
        "task_token": "the-token",
        **more,
    }


def alert(**more: Any) -> dict[str, Any]:
    known = {"alert_id": "alert-1", "severity": "ALARM", "status": "open", "subject": "trivia: drift"}
    return {**known, "created_at": "2026-11-24T01:00:00Z", "since": None, **more}


def window(hour: int, use_case: str = "trivia", features: int = 2, size: float = 0.01, **more: Any) -> dict[str, Any]:
    name = f"2026-11-{hour // 24 + 1:02}T{hour % 24:02}:00Z"
    drift = {
        f"feature_{n}": {"size": size * n, "limit": 0.02, "since": name if size * n >= 0.02 else None}
        for n in range(1, features + 1)
    }
    return {"use_case": use_case, "window": name, "status": "judged", "verdict": "OK", "drift": drift, **more}


def parsed(html: str) -> ET.Element:
    """Well-formed, so that nothing is closed by accident."""
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314 - our own


def words(html: str) -> str:
    return " ".join("".join(parsed(re.sub(r"<style>.*?</style>", "", html)).itertext()).split())


def test_leaderboard_has_the_winner_first_with_its_interval_and_dashes_for_what_was_not_scored() -> None:
    html = leaderboard(LIGHT, [(run(), [candidate("a", None, is_champion=True), candidate("b", 0.7)])])

    said = words(html)
    assert said.index("b winner0.700 [0.600, 0.800]") < said.index("a serves–")
    assert "PROMOTE" in said


def test_waiting_names_whom_and_until_when_and_leads_to_the_execution_only() -> None:
    html = waiting(LIGHT, [approval()], [alert()], "us-east-1", NOW)

    said = words(html)
    assert "tuned for trivia" in said
    assert "b…@example.com" in said or "b***@example.com" in said
    assert "anna" not in said, "has answered"
    assert "bert" not in said, "an address is shown masked"
    assert "1 of 2" in said
    assert "in 2 h 30 min" in said
    assert "trivia: drift" in said
    assert "the-token" not in html
    addresses = [element.attrib["href"] for element in parsed(html).iter("a")]
    assert [address.split("#")[0] for address in addresses] == [
        "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1"
    ]


def test_each_cell_says_what_it_is_where_a_phone_shows_no_head() -> None:
    shown = parsed(waiting(LIGHT, [approval()], [alert()], "us-east-1", NOW))

    assert [cell.attrib["data-label"] for cell in shown.iter("td")] == [
        *("Waits for", "Answers", "Until"),
        *("Severity", "Since", "Stands"),
    ]


def test_nothing_that_waits_is_said_too_and_so_is_what_waits_in_vain() -> None:
    said = words(waiting(LIGHT, [], [], "us-east-1", NOW))

    assert said == "Approvals (0)Nobody is asked for anything.Alerts (0)Nothing is open."
    assert "over" in words(waiting(LIGHT, [approval(expires_at="2026-11-24T02:00:00Z")], [], "us-east-1", NOW))


def test_heat_map_is_darker_the_nearer_the_limit_and_marks_what_is_sure() -> None:
    svg = parsed(heat_maps(LIGHT, [window(3, size=0.015)])).find(".//svg")

    assert svg is not None
    shades = [float(cell.attrib["fill-opacity"]) for cell in svg.iter("rect") if "fill-opacity" in cell.attrib]
    assert len(shades) == 2
    # 0.03 of 0.02 stands above 0.015 of 0.02.
    assert shades[0] > shades[1]
    assert len(list(svg.iter("circle"))) == 1
    assert "1 windows; the last is OK" in svg.attrib["aria-label"]


def test_heat_map_shows_the_newest_windows_and_leaves_out_those_that_were_not_judged() -> None:
    records = [window(hour) for hour in range(40)] + [window(99, status="open", verdict=None)]

    html = heat_maps(LIGHT, records[::-1])

    assert html.count("<title>feature_1 ") == WINDOWS
    assert "2026-11-02T15:00Z" in html
    assert "2026-11-01T15:00Z" not in html


@pytest.mark.parametrize("records", [[], [window(1, status="open")]])
def test_heat_map_without_a_judged_window_says_so(records: list[Any]) -> None:
    assert "No window was judged yet." in heat_maps(LIGHT, records)


def test_everything_is_bounded() -> None:
    many_candidates = leaderboard(LIGHT, [(run(), [candidate(str(n), 0.5) for n in range(100)])])
    many_waits = waiting(LIGHT, [approval(n) for n in range(99)], [alert() for _ in range(99)], "us-east-1", NOW)
    many_features = heat_maps(LIGHT, [window(1, name, 99) for name in "abcdefgh"])

    assert "and 92 more candidates" in many_candidates
    assert many_waits.count("<tr>") == 2 * (ROWS + 1)
    assert many_features.count(">feature ") == 3 * FEATURES
    assert "and 5 more use cases" in many_features


@pytest.mark.parametrize("context", [LIGHT, DARK], ids=["light", "dark"])
def test_what_others_named_is_only_read(context: Context) -> None:
    drawn = [
        leaderboard(context, [(run(use_case=HOSTILE, winner=None), [candidate(HOSTILE, 0.5)])]),
        waiting(
            context,
            [approval(candidate=HOSTILE, execution_arn=HOSTILE, approvers=[{"id": "x", "address": f"{HOSTILE}@x.y"}])],
            [alert(subject=HOSTILE)],
            "us-east-1",
            NOW,
        ),
        heat_maps(context, [window(1, HOSTILE) | {"drift": {HOSTILE: {"size": 1, "limit": 0.1}}}]),
    ]

    for html in drawn:
        assert not list(parsed(html).iter("script"))
        assert not [name for element in parsed(html).iter() for name in element.attrib if name.startswith("on")]


def test_the_themes_differ_in_their_colours_and_in_nothing_else() -> None:
    light, dark = (re.sub(r"#[0-9a-f]{6}|rgb\([^)]+\)", "", heat_maps(c, [window(1)])) for c in (LIGHT, DARK))

    assert light == dark
    assert heat_maps(LIGHT, [window(1)]) != heat_maps(DARK, [window(1)])


def test_describe_asks_for_the_documentation_and_anything_else_for_the_drawing() -> None:
    event = {"widgetContext": {"theme": "dark", "dashboardName": "d", "width": 300}, "most": 3}

    assert answered({"describe": True}, "## Docs", lambda _: "drawn") == "## Docs"
    assert answered(event, "## Docs", lambda context: context.theme) == "dark"
    assert answered({}, "## Docs", lambda context: context.theme) == "light"


def test_a_link_leads_to_https_or_nowhere() -> None:
    assert link("x", "javascript:alert(1)") == "x"
