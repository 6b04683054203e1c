"""Which rule of Retry and Catch matches which error."""

import pytest

from local.states.errors import StatesError


@pytest.mark.parametrize(
    ("error", "names", "matches"),
    [
        ("Broken", ["Broken"], True),
        ("Broken", ["broken"], False),
        ("Broken", ["States.ALL"], True),
        ("Broken", ["States.TaskFailed"], True),
        ("States.Timeout", ["States.TaskFailed"], False),
        ("States.Timeout", ["States.ALL"], True),
        ("States.Timeout", ["States.HeartbeatTimeout"], False),
        ("States.DataLimitExceeded", ["States.ALL"], False),
        ("States.DataLimitExceeded", ["States.TaskFailed"], False),
        ("States.DataLimitExceeded", ["States.DataLimitExceeded"], True),
        ("States.Runtime", ["States.ALL"], False),
        ("States.QueryEvaluationError", ["States.ALL"], True),
    ],
)
def test_matching(error: str, names: list[str], matches: bool) -> None:
    assert StatesError(error).matches(names) is matches


@pytest.mark.parametrize("name", ["States.Timeout", "States.HeartbeatTimeout", "States.ALL"])
def test_a_missed_heartbeat_has_two_names(name: str) -> None:
    assert StatesError("States.Timeout", heartbeat=True).matches([name])
