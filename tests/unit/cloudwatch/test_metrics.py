"""Statistics, metric math and SEARCH."""

import math
from typing import Any

import pytest

from local.cloudwatch.queries import Queries
from local.cloudwatch.store import Key, MetricStore, Sample, compute, sample_of_values
from local.protocol import AwsError, NotImplementedByEmbeddedAws

CPU = Key("App", "Cpu", frozenset({("Host", "a")}))
ERRORS = Key("App", "Errors", frozenset({("Host", "a")}))


def metric(query_id: str, name: str, stat: str = "Sum", *, shown: bool = False) -> dict[str, Any]:
    where = {"Namespace": "App", "MetricName": name, "Dimensions": [{"Name": "Host", "Value": "a"}]}
    return {"Id": query_id, "MetricStat": {"Metric": where, "Period": 60, "Stat": stat}, "ReturnData": shown}


@pytest.fixture
def store() -> MetricStore:
    made = MetricStore()
    for at, value in ((0.0, 10.0), (60.0, 20.0), (180.0, 40.0)):
        made.add(CPU, [sample_of_values(at, "Count", {value: 1.0})])
    made.add(ERRORS, [sample_of_values(60.0, "Count", {5.0: 1.0})])
    return made


def evaluated(store: MetricStore, expression: str) -> dict[float, float]:
    queries = [metric("cpu", "Cpu"), metric("errors", "Errors"), {"Id": "e", "Expression": expression}]
    return Queries(queries).run(store, 0, 240, aligned=True)[0].series


@pytest.mark.parametrize(
    "stat,expected",
    [("SampleCount", 10), ("Sum", 55), ("Average", 5.5), ("Minimum", 1), ("Maximum", 10), ("p50", 5), ("p90", 9),
     ("p99.9", 10), ("p100", 10)],
)  # fmt: skip
def test_statistic_of_one_to_ten(stat: str, expected: float) -> None:
    samples = [sample_of_values(0.0, "None", {float(value): 1.0}) for value in range(1, 11)]

    assert compute(stat, samples) == expected


def test_statistic_sets_have_no_percentiles() -> None:
    assert compute("p50", [Sample(0.0, "None", 3, 6, 1, 3, ())]) is None


def test_dimensions_must_be_exactly_those_asked_for(store: MetricStore) -> None:
    assert store.statistic(Key("App", "Cpu", frozenset()), 0, 240, 60, "Sum") == {}


def test_periods_begin_at_multiples_of_their_length(store: MetricStore) -> None:
    found = Queries([metric("cpu", "Cpu", shown=True)]).run(store, 30, 240, aligned=True)

    assert found[0].series == {0.0: 10.0, 60.0: 20.0, 180.0: 40.0}


@pytest.mark.parametrize(
    "expression,expected",
    [
        ("cpu * 2", {0: 20, 60: 40, 180: 80}),
        ("-cpu", {0: -10, 60: -20, 180: -40}),
        ("2 ^ 3 + cpu / 10", {0: 9, 60: 10, 180: 12}),
        ("errors / cpu * 100", {60: 25}),
        ("cpu / 0", {}),
        ("FILL(errors, 0)", {0: 0, 60: 5, 120: 0, 180: 0}),
        ("FILL(cpu, REPEAT)", {0: 10, 60: 20, 120: 20, 180: 40}),
        ("FILL(cpu, LINEAR)", {0: 10, 60: 20, 120: 30, 180: 40}),
        ("IF(cpu > 15, 1, 0)", {0: 0, 60: 1, 180: 1}),
        ("cpu > 15 && cpu < 30", {0: 0, 60: 1, 180: 0}),
        ("SUM(METRICS())", {0: 10, 60: 25, 180: 40}),
        ('MAX(METRICS("cpu"))', {0: 10, 60: 20, 180: 40}),
        ("AVG([]", None),
        ("DIFF(cpu)", {60: 10, 180: 20}),
        ("RUNNING_SUM(cpu)", {0: 10, 60: 30, 180: 70}),
        ("MAX(cpu)", {0: 40}),
        ("CEIL(cpu / 15) + PERIOD(cpu)", {0: 61, 60: 62, 180: 63}),
    ],
)
def test_metric_math(store: MetricStore, expression: str, expected: dict[float, float] | None) -> None:
    if expected is None:
        with pytest.raises(AwsError, match="Error in expression"):
            evaluated(store, expression)
    else:
        assert evaluated(store, expression) == expected


@pytest.mark.parametrize("expression", ["ANOMALY_DETECTION_BAND(cpu, 2)", "SELECT AVG(Cpu) FROM App"])
def test_math_that_is_not_embedded_is_refused_loudly(store: MetricStore, expression: str) -> None:
    with pytest.raises(NotImplementedByEmbeddedAws):
        evaluated(store, expression)


def test_expression_may_not_use_unknown_ids(store: MetricStore) -> None:
    with pytest.raises(AwsError, match="nobody"):
        evaluated(store, "nobody + 1")


def test_search_finds_metrics_by_schema_and_words(store: MetricStore) -> None:
    store.add(Key("App", "Cpu", frozenset({("Host", "b")})), [sample_of_values(0.0, "Count", {1.0: 1.0})])
    store.add(Key("App", "Cpu", frozenset()), [sample_of_values(0.0, "Count", {1.0: 1.0})])
    search = {"Id": "s", "Expression": "SEARCH('{App,Host} MetricName=\"Cpu\"', 'Sum', 60)"}

    found = Queries([search]).run(store, 0, 240, aligned=True)

    assert [line.label for line in found] == ["a Cpu", "b Cpu"]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("${PROP('Dim.Host')}", ["a", "b"]),
        ("of ${PROP('Dim.Host')}: ${PROP('MetricName')}", ["of a: Cpu", "of b: Cpu"]),
        ("${LABEL}", ["a Cpu", "b Cpu"]),
        ("load", ["load a Cpu", "load b Cpu"]),
    ],
)
def test_label_of_a_search_is_said_of_each_metric(store: MetricStore, label: str, said: list[str]) -> None:
    store.add(Key("App", "Cpu", frozenset({("Host", "b")})), [sample_of_values(0.0, "Count", {1.0: 1.0})])
    search = {"Id": "s", "Expression": "SEARCH('{App,Host} MetricName=\"Cpu\"', 'Sum', 60)", "Label": label}

    found = Queries([search]).run(store, 0, 240, aligned=True)

    assert [line.label for line in found] == said


def test_label_that_is_not_embedded_is_refused(store: MetricStore) -> None:
    search = {"Id": "s", "Expression": "SEARCH('{App,Host} MetricName=\"Cpu\"', 'Sum', 60)", "Label": "${AVG}"}

    with pytest.raises(NotImplementedByEmbeddedAws, match="AVG"):
        Queries([search]).run(store, 0, 240, aligned=True)


def test_values_of_one_sample_are_counted() -> None:
    sample = sample_of_values(0.0, "None", {2.0: 3.0, 5.0: 1.0})

    assert (sample.number, sample.total, sample.low, sample.high) == (4, 11, 2, 5)
    assert math.isclose(compute("Average", [sample]) or 0, 2.75)
