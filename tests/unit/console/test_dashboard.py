"""Dashboards: widgets become queries, and what can't be drawn says so."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.console.dashboard import CustomWidgetFailed, Dashboard, Widget

NOW = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


class CloudWatch:
    """Answers a body, and each query with one value an hour ago."""

    def __init__(self, *widgets: dict[str, Any], start: str = "-PT24H") -> None:
        self.body = json.dumps({"start": start, "widgets": list(widgets)})
        self.asked: dict[str, Any] = {}

    def get_dashboard(self, **_: Any) -> dict[str, Any]:
        return {"DashboardBody": self.body}

    def get_paginator(self, _name: str) -> "CloudWatch":
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        self.asked = request
        at = datetime(2026, 11, 24, 4, tzinfo=UTC)
        queries = [query for query in request["MetricDataQueries"] if query["ReturnData"]]
        results = [{"Label": query.get("Label", query["Id"]), "Timestamps": [at], "Values": [1.5]} for query in queries]
        return [{"MetricDataResults": results}]

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        alarm = {"AlarmName": "silent", "StateValue": "ALARM", "StateReason": "no beat"}
        return {"MetricAlarms": [alarm], "CompositeAlarms": []}


def metric(*metrics: list[Any], **properties: Any) -> dict[str, Any]:
    return {"type": "metric", "width": 8, "properties": {"title": "t", "metrics": list(metrics), **properties}}


def draw(cloudwatch: CloudWatch) -> list[Widget]:
    return Dashboard(cloudwatch, None, "operations").widgets(NOW)


class Functions:
    """Answers as Lambda does, and keeps what it was asked."""

    def __init__(self, result: Any, error: str | None = None) -> None:
        self._result, self._error = result, error
        self.asked: dict[str, Any] = {}

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - AWS' names
        self.asked = {"name": FunctionName, **json.loads(Payload)}
        failed = {"FunctionError": self._error} if self._error else {}
        return {"Payload": io.BytesIO(json.dumps(self._result).encode()), **failed}


CUSTOM = {
    "type": "custom",
    "width": 12,
    "height": 8,
    "properties": {"title": "What waits?", "endpoint": "arn:f", "params": {"most": 3}},
}


def test_a_custom_widget_is_what_its_function_answers_to_cloudwatchs_question() -> None:
    functions = Functions("<p>ours</p>")
    dashboard = Dashboard(CloudWatch(CUSTOM), functions, "operations")

    assert dashboard.custom(0, "dark", NOW) == "<p>ours</p>"
    assert (functions.asked["name"], functions.asked["most"]) == ("arn:f", 3)
    context = functions.asked["widgetContext"]
    assert (context["theme"], context["title"], context["params"]) == ("dark", "What waits?", {"most": 3})
    assert context["timeRange"]["relativeStart"] == 24 * 3600 * 1000


@pytest.mark.parametrize(
    "result, shown",
    [
        ({"markdown": "**x**"}, "<p><strong>x</strong></p>"),
        ({"a": "<b>"}, "<pre>{\n &quot;a&quot;: &quot;&lt;b&gt;&quot;\n}</pre>"),
    ],
)
def test_markdown_and_json_are_shown_as_cloudwatch_shows_them(result: Any, shown: str) -> None:
    assert Dashboard(CloudWatch(CUSTOM), Functions(result), "o").custom(0, "light", NOW) == shown


def test_a_custom_widget_that_fails_says_so_and_another_is_none() -> None:
    failing = Dashboard(CloudWatch(CUSTOM), Functions({"errorType": "X", "errorMessage": "y"}, "Unhandled"), "o")

    with pytest.raises(CustomWidgetFailed, match="X: y"):
        failing.custom(0, "light", NOW)
    with pytest.raises(LookupError):
        failing.custom(7, "light", NOW)


def test_metrics_become_queries_with_the_widgets_statistic_and_period() -> None:
    cloudwatch = CloudWatch(metric(["AWS/States", "Started", "Arn", "a", {"label": "one"}], stat="Sum", period=3600))

    [widget] = draw(cloudwatch)

    [query] = cloudwatch.asked["MetricDataQueries"]
    assert query["MetricStat"] == {
        "Metric": {"Namespace": "AWS/States", "MetricName": "Started", "Dimensions": [{"Name": "Arn", "Value": "a"}]},
        "Period": 3600,
        "Stat": "Sum",
    }
    assert widget.chart is not None
    assert [(line.label, line.latest) for line in widget.chart.series] == [("one", "1.5")]


def test_span_is_the_dashboards_and_ends_with_the_period_that_has_begun() -> None:
    cloudwatch = CloudWatch(metric(["N", "M"], period=3600), start="-P1DT2H")

    draw(cloudwatch)

    assert cloudwatch.asked["StartTime"] == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert cloudwatch.asked["EndTime"] == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_dots_repeat_the_line_above() -> None:
    cloudwatch = CloudWatch(metric(["N", "M", "A", "1", "B", "2"], [".", "L", ".", ".", ".", "3"], ["...", "4"]))

    draw(cloudwatch)

    metrics = [query["MetricStat"]["Metric"] for query in cloudwatch.asked["MetricDataQueries"]]
    assert [found["MetricName"] for found in metrics] == ["M", "L", "L"]
    assert [[item["Value"] for item in found["Dimensions"]] for found in metrics] == [
        ["1", "2"],
        ["1", "3"],
        ["1", "4"],
    ]


def test_search_goes_as_it_is_and_sets_the_period() -> None:
    search = "SEARCH('{fmops,UseCase} MetricName=\"Drift\"', 'Maximum', 3600)"
    cloudwatch = CloudWatch(metric([{"expression": search, "id": "drift"}]))

    draw(cloudwatch)

    assert cloudwatch.asked["MetricDataQueries"] == [{"Id": "drift", "ReturnData": True, "Expression": search}]
    assert cloudwatch.asked["EndTime"].minute == 0


def test_alarms_show_their_states_and_missing_ones_say_so() -> None:
    arns = [f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}" for name in ("silent", "gone")]

    [widget] = draw(CloudWatch({"type": "alarm", "properties": {"title": "Alarms", "alarms": arns}}))

    assert widget.alarms is not None
    assert [(alarm.name, alarm.state) for alarm in widget.alarms] == [("silent", "ALARM"), ("gone", "MISSING")]


def test_widgets_come_in_reading_order() -> None:
    texts = [
        {"type": "text", "x": x, "y": y, "properties": {"markdown": f"{x}{y}"}} for x, y in ((8, 0), (0, 6), (0, 0))
    ]

    assert [widget.html for widget in draw(CloudWatch(*texts))] == ["<p>00</p>", "<p>80</p>", "<p>06</p>"]


def test_what_can_not_be_drawn_says_why() -> None:
    log, odd, broken = draw(
        CloudWatch(
            {"type": "log", "properties": {"query": "q"}}, metric(["N", "M"], view="pie"), metric(["N", "M", "A"])
        )
    )

    assert "draws no log widget" in log.problem
    assert "of the view pie" in odd.problem
    assert "can't be drawn" in broken.problem
