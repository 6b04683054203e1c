"""Metrics out of log lines."""

import json
import logging
from typing import Any

import pytest

from local.cloudwatch.store import Key, MetricStore
from local.emf import EmfError, EmfIngest, metrics_of

DOCUMENT: dict[str, Any] = {
    "_aws": {
        "Timestamp": 1767225600000,
        "CloudWatchMetrics": [
            {
                "Namespace": "FmOps",
                "Dimensions": [["Endpoint"], ["Endpoint", "Scorer"]],
                "Metrics": [{"Name": "Score", "Unit": "None", "StorageResolution": 60}, {"Name": "Absent"}],
            }
        ],
    },
    "Endpoint": "chat",
    "Scorer": "judge",
    "Score": [0.8, 0.9, 0.9],
    "runId": "7f3c",
}


def line(**changes: Any) -> str:
    return json.dumps({**DOCUMENT, **changes})


def test_each_dimension_set_gets_the_metric() -> None:
    found = dict(metrics_of(line()))

    assert set(found) == {
        Key("FmOps", "Score", frozenset({("Endpoint", "chat")})),
        Key("FmOps", "Score", frozenset({("Endpoint", "chat"), ("Scorer", "judge")})),
    }


def test_values_keep_their_counts_and_time() -> None:
    sample = metrics_of(line())[0][1]

    assert sample.at == 1767225600
    assert sample.values == ((0.8, 1.0), (0.9, 2.0))


@pytest.mark.parametrize(
    "changes",
    [{"Score": "high"}, {"Score": []}, {"Score": [1.0] * 101}, {"Score": True}, {"Endpoint": 5}, {"Endpoint": ""},
     {"_aws": {"CloudWatchMetrics": []}}],
)  # fmt: skip
def test_broken_line_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EmfError):
        metrics_of(line(**changes))


def test_plain_line_holds_no_metrics() -> None:
    store = MetricStore()

    assert not EmfIngest(store.add).ingest('{"level": "INFO", "message": "gate decided"}')
    assert store.keys() == []


def test_broken_line_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not EmfIngest(MetricStore().add).ingest(line(Score="high"))

    assert "broken embedded metrics" in caplog.text
