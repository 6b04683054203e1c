"""The CloudWatch dashboard: the deployed body's widgets with the real metrics."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from botocore.exceptions import ClientError

from local.console import chart, markdown
from local.console.chart import Chart, Series
from local.protocol import ACCOUNT

Document = dict[str, Any]

COLUMNS: Final = 24
_DEFAULT_SPAN = timedelta(hours=3)
_DEFAULT_PERIOD = 300
_UNIT: Final = 48
"""About so many pixels has a unit of a widget's height."""
_DURATION = re.compile(r"-P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_PERIOD_OF_SEARCH = re.compile(r",\s*(\d+)\s*\)\s*$")


class CustomWidgetFailed(Exception):
    """A custom widget's function failed; the text says how."""


@dataclass(frozen=True)
class Alarm:
    name: str
    state: str
    reason: str


@dataclass(frozen=True)
class Frame:
    """A custom widget: a function's HTML, which is shown in a frame of its own, as it can be anything."""

    number: int
    height: int
    """Pixels."""


@dataclass(frozen=True)
class Widget:
    """One widget; which of the members is set says what it is. `problem`: why it can't be drawn."""

    columns: int
    title: str = ""
    html: str | None = None
    chart: Chart | None = None
    alarms: tuple[Alarm, ...] | None = None
    problem: str = ""
    frame: Frame | None = None


class Dashboard:
    """Draws a deployed dashboard."""

    def __init__(self, cloudwatch: Any, lambdas: Any, name: str) -> None:
        """`cloudwatch` and `lambdas` are boto3 clients, with the viewer's rights."""
        self._cloudwatch, self._lambdas, self._name = cloudwatch, lambdas, name

    def widgets(self, now: datetime) -> list[Widget]:
        """In reading order; one that can't be drawn says why."""
        body = self._body()
        start = now - _span(body.get("start", ""))
        return [self._widget(number, widget, start, now) for number, widget in enumerate(_placed(body))]

    def custom(self, number: int, theme: str, now: datetime) -> str:
        """The HTML of a custom widget, by its number in reading order, as CloudWatch gets it: from its function.

        LookupError where there is no such widget, CustomWidgetFailed where the function fails.
        """
        body = self._body()
        widget = _placed(body)[number]
        if widget["type"] != "custom":
            raise LookupError(f"widget {number} is a {widget['type']} widget")
        properties = widget["properties"]
        event = {**properties.get("params", {}), "widgetContext": self._context(number, widget, theme, body, now)}
        answer = self._lambdas.invoke(FunctionName=properties["endpoint"], Payload=json.dumps(event).encode())
        result = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise CustomWidgetFailed(f"{result.get('errorType')}: {result.get('errorMessage')}")
        if isinstance(result, dict) and "markdown" in result:
            return markdown.html(result["markdown"])
        return result if isinstance(result, str) else f"<pre>{escape(json.dumps(result, indent=1))}</pre>"

    def _context(self, number: int, widget: Document, theme: str, body: Document, now: datetime) -> Document:
        """What CloudWatch tells a function of the dashboard and who looks at it."""
        end, start = round(now.timestamp() * 1000), round((now - _span(body.get("start", ""))).timestamp() * 1000)
        properties = widget["properties"]
        return {
            "dashboardName": self._name,
            "widgetId": f"widget-{number + 1}",
            "accountId": ACCOUNT,
            "locale": "en",
            "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
            "period": _DEFAULT_PERIOD,
            "isAutoPeriod": True,
            "timeRange": {"mode": "relative", "start": start, "end": end, "relativeStart": end - start},
            "theme": theme,
            "linkCharts": True,
            "title": properties.get("title", ""),
            "forms": {"all": {}},
            "params": properties.get("params", {}),
            "width": widget.get("width", 6) * _UNIT,
            "height": widget.get("height", 6) * _UNIT,
        }

    def _body(self) -> Document:
        body: Document = json.loads(self._cloudwatch.get_dashboard(DashboardName=self._name)["DashboardBody"])
        return body

    def _widget(self, number: int, widget: Document, start: datetime, now: datetime) -> Widget:
        columns = min(widget.get("width", 6), COLUMNS)
        properties = widget.get("properties", {})
        title = str(properties.get("title", ""))
        try:
            match widget["type"]:
                case "text":
                    return Widget(columns, html=markdown.html(properties["markdown"]))
                case "custom":
                    return Widget(columns, title, frame=Frame(number, widget.get("height", 6) * _UNIT))
                case "alarm":
                    return Widget(columns, title, alarms=tuple(self._alarms(properties["alarms"])))
                case "metric" if properties.get("view", "timeSeries") == "timeSeries":
                    return Widget(columns, title, chart=self._chart(title, properties, start, now))
                case other:
                    problem = f"This console draws no {other} widget of the view {properties.get('view', 'given')}."
                    return Widget(columns, title, problem=problem)
        except (ClientError, KeyError, TypeError, ValueError) as error:
            return Widget(columns, title, problem=f"This widget can't be drawn: {error}")

    def _alarms(self, arns: list[str]) -> Iterator[Alarm]:
        names = [arn.rpartition(":alarm:")[2] for arn in arns]
        found = self._cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        shown = {alarm["AlarmName"]: alarm for alarm in found["MetricAlarms"] + found["CompositeAlarms"]}
        for name in names:
            alarm = shown.get(name, {"StateValue": "MISSING", "StateReason": "there is no alarm of this name"})
            yield Alarm(name, alarm["StateValue"], alarm.get("StateReason", ""))

    def _chart(self, title: str, properties: Document, start: datetime, now: datetime) -> Chart:
        queries = list(_queries(properties))
        period = max((_period(query) for query in queries), default=_DEFAULT_PERIOD)
        # The period that has just begun belongs to the picture.
        end = datetime.fromtimestamp((now.timestamp() // period + 1) * period, now.tzinfo)
        pages = self._cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampAscending"
        )
        found = [result for page in pages for result in page["MetricDataResults"]]
        series = [Series(result["Label"], _points(result)) for result in found]
        left = properties.get("yAxis", {}).get("left", {})
        return chart.chart(
            title,
            series,
            start.timestamp(),
            end.timestamp(),
            period,
            stacked=bool(properties.get("stacked")),
            lowest=left.get("min", 0.0),
            highest=left.get("max"),
            lines={
                str(line.get("label", line["value"])): float(line["value"])
                for line in properties.get("annotations", {}).get("horizontal", [])
            },
        )


def _placed(body: Document) -> list[Document]:
    """The widgets in reading order."""
    return sorted(body.get("widgets", []), key=lambda widget: (widget.get("y", 0), widget.get("x", 0)))


def _points(result: Document) -> dict[float, float]:
    return {at.timestamp(): value for at, value in zip(result["Timestamps"], result["Values"], strict=True)}


def _span(start: str) -> timedelta:
    match = _DURATION.fullmatch(start)
    if match is None or not any(match.groups()):
        return _DEFAULT_SPAN
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _queries(properties: Document) -> Iterator[Document]:
    """GetMetricData's queries for a widget's `metrics`: `.` repeats a part of the line above, `...` several."""
    above: list[str] = []
    for place, line in enumerate(properties["metrics"]):
        options: Document = line[-1] if isinstance(line[-1], dict) else {}
        words = [str(word) for word in line if not isinstance(word, dict)]
        query: Document = {"Id": options.get("id", f"m{place}"), "ReturnData": options.get("visible", True)}
        if "label" in options:
            query["Label"] = options["label"]
        if "expression" in options:
            query["Expression"] = options["expression"]
            if "period" in options:
                query["Period"] = options["period"]
            yield query
            continue
        above = _spelled(words, above)
        namespace, name, *rest = above
        dimensions = zip(rest[::2], rest[1::2], strict=True)
        yield {
            **query,
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions],
                },
                "Period": options.get("period", properties.get("period", _DEFAULT_PERIOD)),
                "Stat": options.get("stat", properties.get("stat", "Average")),
            },
        }


def _spelled(words: list[str], above: list[str]) -> list[str]:
    if words and words[0] == "...":
        return [*above[: len(above) - len(words) + 1], *words[1:]]
    return [above[place] if word == "." else word for place, word in enumerate(words)]


def _period(query: Document) -> int:
    if "MetricStat" in query:
        return int(query["MetricStat"]["Period"])
    searched = _PERIOD_OF_SEARCH.search(query["Expression"])
    return int(searched[1] if searched else query.get("Period", _DEFAULT_PERIOD))
