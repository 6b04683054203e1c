"""AWS' own tables of how alarms treat missing data ("Configuring how CloudWatch alarms treat missing data")."""

import pytest

from local.cloudwatch.judgement import State, judge

_POINTS = {"-": None, "0": False, "X": True}
RETAIN = "retain"

# Datapoints, then the state for missing, ignore, breaching, notBreaching. The newest point stands last.
THREE_OF_THREE = [
    ("0 - X - X", "OK", "OK", "OK", "OK"),
    ("0 - - - -", "OK", "OK", "OK", "OK"),
    ("- - - - -", "INSUFFICIENT_DATA", RETAIN, "ALARM", "OK"),
    ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("- - X - -", "ALARM", RETAIN, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0 - X - -", "OK", "OK", "ALARM", "OK"),
    ("- - - - 0", "OK", "OK", "ALARM", "OK"),
    ("- - - X -", "ALARM", RETAIN, "ALARM", "OK"),
]
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


@pytest.mark.parametrize("needed,table", [(3, THREE_OF_THREE), (2, TWO_OF_THREE)], ids=["3 of 3", "2 of 3"])
@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("current", ["OK", "ALARM", "INSUFFICIENT_DATA"])
def test_state_is_as_in_the_documented_table(
    needed: int, table: list[tuple[str, ...]], treatment: str, current: State
) -> None:
    for text, *states in table:
        points = [_POINTS[symbol] for symbol in text.split()]
        expected = states[TREATMENTS.index(treatment)]

        state = judge(points, 3, needed, treatment, current)

        assert state == (current if expected == RETAIN else expected), text


def test_a_single_fresh_breach_among_missing_data_is_no_alarm_yet() -> None:
    assert judge([None, None, None, None, True], 3, 3, "missing", "OK") == "OK"
