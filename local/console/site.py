"""The console's web site: which page answers, and what a browser may do with it."""

import logging
import re
from collections.abc import Callable, Mapping
from html import escape
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from fmops.core.artifacts import location
from fmops.core.errors import NotFound
from fmops_cli.reading import JOURNEYS, Reader
from fmops_cli.target import NoTarget, Target
from local.console import people
from local.console.account import AccountView
from local.console.dashboard import CustomWidgetFailed, Dashboard
from local.console.journeys import Executions
from local.console.rendering import STATIC, render
from local.embedded import EmbeddedAws
from local.http_front import HttpFront, Request
from local.protocol import AwsError
from local.wire.response import Response

logger = logging.getLogger(__name__)

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The report comes from the artifacts bucket: whatever is in it must not act in the console's name.
_REPORT_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# So may a custom widget, which may open its links beside the dashboard.
_WIDGET_POLICY: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HOUR: Final = 3600.0
_LONGEST_STEP: Final = 31 * 24

_EXECUTIONS, _JOBS, _MAILS, _RUNS, _ALERTS, _WINDOWS = 3, 8, 8, 6, 8, 5
_MONTHS = 6


class _Missing(Exception):
    """There is no such page or thing; the text says which."""


class Route(NamedTuple):
    method: str
    path: re.Pattern[str]
    answer: Callable[..., Response]


class Console:
    """Started and stopped as a part of the embedded AWS is. `port` 0 takes any free one."""

    def __init__(self, aws: EmbeddedAws, target: Target, port: int = 0) -> None:
        self._aws, self._target = aws, target
        self._reader = Reader(target)
        self._executions = Executions(target)
        self._account = AccountView(aws)
        self._dashboard = Dashboard(aws.client("cloudwatch"), aws.client("lambda"), target.output("DashboardName"))
        self._front = HttpFront(self.answer, port, "the console")
        self._routes = [
            Route(method, re.compile(path), answer)
            for method, path, answer in (
                ("GET", r"/", self._home),
                ("GET", r"/static/(?P<name>[a-z.]+)", self._static),
                ("GET", r"/widgets/(?P<number>\d{1,3})/(?P<theme>light|dark)", self._widget),
                ("GET", r"/mail/(?P<number>\d{1,9})", self._mail),
                ("GET", r"/runs/(?P<run_id>[\w.-]+)", self._run),
                ("GET", r"/runs/(?P<run_id>[\w.-]+)/report", self._report),
                ("GET", r"/executions/(?P<journey>[a-z]+)/(?P<name>[^/]+)", self._execution),
                ("POST", r"/clock", self._advance),
                ("POST", r"/schedules/(?P<group>[\w.-]+)/(?P<name>[\w.-]+)", self._fire),
            )
        ]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._front.port}"

    def start(self) -> None:
        self._front.start()

    def stop(self) -> None:
        self._front.stop()

    # ---- answering

    def answer(self, request: Request) -> Response:
        """Answer a request; whatever goes wrong becomes a page that says so."""
        if (refusal := _refusal(request)) is not None:
            return _message(HTTPStatus.FORBIDDEN, "Refused", refusal)
        path = urlsplit(request.target).path
        method = "GET" if request.method == "HEAD" else request.method
        matching = [(route, found) for route in self._routes if (found := route.path.fullmatch(path))]
        if not matching:
            return _message(HTTPStatus.NOT_FOUND, "Not found", "There is no such page.")
        for route, found in matching:
            if route.method == method:
                return self._safely(request, route, found.groupdict())
        return _message(HTTPStatus.METHOD_NOT_ALLOWED, "Not allowed", f"This address takes no {method}.")

    def _safely(self, request: Request, route: Route, words: Mapping[str, str]) -> Response:
        given = {name: unquote(word) for name, word in words.items()}
        try:
            if route.method == "POST":
                form = parse_qs(request.body.decode("utf-8", "replace"))
                return route.answer({name: values[0] for name, values in form.items()}, **given)
            return route.answer(**given)
        except (_Missing, NotFound, NoTarget) as error:
            return _message(HTTPStatus.NOT_FOUND, "Not found", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        except Exception:
            # One broken page must not take the console down; the log says what it was.
            logger.exception("the page %s failed", request.target)
            text = "This page could not be made. The log of the local run says why."
            return _message(HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed", text)

    # ---- pages

    def _home(self) -> Response:
        now, reader = self._aws.clock.datetime(), self._reader
        runs = reader.runs(_RUNS)
        return _page(
            "home.html",
            now=now,
            clock=self._account.clock(),
            outputs=self._target.outputs,
            endpoint=self._aws.url,
            use_cases=reader.use_cases(),
            datasets=reader.datasets(),
            waits=people.waits(self._aws, self._target),
            executions=self._executions.newest(_EXECUTIONS),
            jobs=self._account.jobs(_JOBS),
            runs=[
                {
                    **run,
                    "results": reader.candidates(run["run_id"]),
                    "place": reader.place_in_queue(run["run_id"]) if run["status"] == "waiting" else None,
                }
                for run in runs
            ],
            months=reader.months()[:_MONTHS],
            mails=[people.subject(mail) for mail in self._aws.mailbox.messages()[:_MAILS]],
            endpoints=self._account.endpoints(),
            packages=reader.packages(),
            models=self._account.models(),
            releases=reader.releases(),
            windows=reader.windows()[-_WINDOWS:][::-1],
            alerts=reader.alerts()[-_ALERTS:][::-1],
            schedules=self._account.schedules(),
            widgets=self._dashboard.widgets(now),
        )

    def _static(self, name: str) -> Response:
        if name not in STATIC:
            raise _Missing("there is no such file")
        kind, content = STATIC[name]
        return Response(HTTPStatus.OK, {**_HEADERS, "Content-Type": kind}, content)

    def _widget(self, number: str, theme: str) -> Response:
        """A custom widget's own page, for the frame that shows it."""
        try:
            drawn = self._dashboard.custom(int(number), theme, self._aws.clock.datetime())
        except LookupError as error:
            raise _Missing(f"there is no custom widget {number}") from error
        except CustomWidgetFailed as error:
            drawn = f"<p>The widget's function failed: {escape(str(error))}</p>"
        headers = {**_HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _WIDGET_POLICY}
        return Response(HTTPStatus.OK, headers, render("widget.html", theme=theme, drawn=drawn).encode())

    def _mail(self, number: str) -> Response:
        found = next((mail for mail in self._aws.mailbox.messages() if mail.number == int(number)), None)
        if found is None:
            raise _Missing(f"there is no mail {number}")
        return _page("mail.html", now=self._aws.clock.datetime(), mail=found, pieces=people.pieces(found.text))

    def _run(self, run_id: str) -> Response:
        run = self._reader.run(run_id)
        return _page(
            "run.html",
            now=self._aws.clock.datetime(),
            run={**run, "results": self._reader.candidates(run_id)},
            jobs=self._reader.jobs(run_id),
            spent=self._reader.spent(run_id),
            place=self._reader.place_in_queue(run_id),
            approval=self._reader.approval(run_id),
            execution=self._executions.one("evaluation", run_id),
        )

    def _report(self, run_id: str) -> Response:
        uri = self._reader.run(run_id).get("page_uri")
        if not uri:
            raise _Missing(f"the run {run_id} has no report yet")
        headers = {**_HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _REPORT_POLICY}
        return Response(HTTPStatus.OK, headers, self._target.store.read(location(uri)))

    def _execution(self, journey: str, name: str) -> Response:
        found = self._executions.one(journey, name) if journey in JOURNEYS else None
        if found is None:
            raise _Missing(f"there is no {journey} execution {name}")
        events = self._executions.events(found)
        return _page("execution.html", now=self._aws.clock.datetime(), execution=found, events=events)

    # ---- actions

    def _advance(self, form: dict[str, str]) -> Response:
        try:
            hours = int(form.get("hours", "1"))
        except ValueError:
            hours = 0
        if not 1 <= hours <= _LONGEST_STEP:
            text = f"The clock goes forward by 1 to {_LONGEST_STEP} whole hours."
            return _message(HTTPStatus.BAD_REQUEST, "Not possible", text)
        self._aws.clock.advance(hours * _HOUR)
        return _back("/#clock")

    def _fire(self, _form: dict[str, str], group: str, name: str) -> Response:
        try:
            self._aws.schedules.fire(name, group)
        except AwsError as error:
            raise _Missing(f"there is no schedule {name}") from error
        return _back("/#clock")


def _refusal(request: Request) -> str | None:
    """Why a request can't be the console's own: another site's page must not use the reader's browser for it."""
    host = request.header("host")
    if urlsplit(f"//{host}").hostname not in _HOSTS:
        return "The console answers on this machine's own names only."
    if request.method in ("GET", "HEAD"):
        return None
    origin, site = request.header("origin"), request.header("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
        return "Another site asked for this."
    return None


def _page(template: str, **values: Any) -> Response:
    return _html(HTTPStatus.OK, render(template, **values))


def _message(status: HTTPStatus, title: str, text: str) -> Response:
    return _html(status, render("message.html", title=title, text=text))


def _html(status: HTTPStatus, text: str) -> Response:
    headers = {**_HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
    return Response(status, headers, text.encode())


def _back(place: str) -> Response:
    return Response(HTTPStatus.SEE_OTHER, {**_HEADERS, "Location": place}, b"")
