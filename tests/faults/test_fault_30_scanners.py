"""Faults 29, 30, 33 over HTTP: machines follow and run whatever they find behind a link, and many post at once."""

import http.client
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.fakes.approvals import ANN, BOB, WINNER, Case, Office, office

pytestmark = pytest.mark.browser

VISITS, POSTS = 500, 200
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_TRIES = 200


class Answer(NamedTuple):
    status: int
    body: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), repo) as made:
        yield made


class Links(HTMLParser):
    """What a page leads to: its links, and its forms with their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[str] = []
        self.fields: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append(given.get("action", ""))
        # A radio that nobody chose is not sent.
        if given.get("name") and given.get("type") != "radio":
            self.fields[given["name"]] = given.get("value", "")


def send(method: str, url: str, body: str | None = None) -> Answer:
    """One request by real HTTP; tried again while the API throttles."""
    parts = urlsplit(url)
    for _ in range(_TRIES):
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, FORM if body is not None else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status not in (429, 503):
            return Answer(answer.status, text)
        time.sleep(0.1)
    raise AssertionError(f"{method} {parts.path} was throttled for good")


def crawl(link: str) -> list[Callable[[], Answer]]:
    """What a crawler does with a link: opens it, and then everything that it finds there."""
    found = Links(send("GET", link).body)
    assert found.links
    assert found.forms
    query = urlencode({**found.fields, "decision": "approve", "confirmation": WINNER})
    pages = [urljoin(link, place) for place in found.links]
    actions = [urljoin(link, place) for place in found.forms]
    return [
        partial(send, "GET", link),
        partial(send, "HEAD", link),
        *(partial(send, "GET", page) for page in pages),
        # As a form of GET, filled in; and as it is, with nothing chosen.
        *(partial(send, "GET", f"{action}?{query}") for action in actions),
        *(partial(send, "POST", action, urlencode(found.fields)) for action in actions),
    ]


def state(desk: Office, case: Case) -> tuple[object, ...]:
    """All that could have changed: the ledger, what was mailed, the registry, the journey."""
    return case.stored, len(desk.aws.mailbox.messages()), case.package, case.is_waiting


def test_fault_29_crawler_that_visits_500_times_changes_nothing(desk: Office) -> None:
    case = desk.ask()
    case.settled(mails=2)
    links = [case.link(ANN), case.link(BOB)]
    before = state(desk, case)
    visits = [visit for link in links for visit in crawl(link)]
    rounds = -(-VISITS // len(visits))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda visit: visit(), visits * rounds))

    assert len(answers) >= VISITS
    assert set(Counter(answer.status for answer in answers)) == {200, 422}
    assert state(desk, case) == before


def test_fault_30_browser_that_runs_and_clicks_everything_changes_nothing(chromium: Browser, desk: Office) -> None:
    case = desk.ask()
    case.settled(mails=2)
    link = case.link(ANN)
    before = state(desk, case)
    context = chromium.new_context()
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(link)

    for element in range(page.locator("a, button, input, textarea, form, summary, label").count()):
        page.goto(link)
        page.evaluate(
            """(number) => {
                const found = document.querySelectorAll("a, button, input, textarea, form, summary, label")[number];
                for (const kind of ["mouseover", "focus", "click", "change", "input", "keydown", "submit"]) {
                    found.dispatchEvent(new Event(kind, {bubbles: true}));
                }
                found.click();
            }""",
            element,
        )
        page.wait_for_load_state()
    page.goto(link)
    # Around the browser's own check that something is chosen.
    with page.expect_navigation():
        page.evaluate("document.forms[0].submit()")
    refused = page.get_by_role("alert").inner_text()
    context.close()

    assert refused == "Choose approve or reject"
    assert state(desk, case) == before


def test_fault_33_of_200_posts_at_once_one_decides(desk: Office) -> None:
    case = desk.ask()
    bodies = {
        case.link(ANN): urlencode({"decision": "approve", "confirmation": WINNER, "reason": ""}),
        case.link(BOB): urlencode({"decision": "reject", "confirmation": "", "reason": "too slow"}),
    }
    together = Barrier(POSTS)

    def post(link: str) -> Answer:
        together.wait(60)
        return send("POST", link, bodies[link])

    with ThreadPoolExecutor(POSTS) as pool:
        answers = list(pool.map(post, [*bodies] * (POSTS // 2)))

    assert {answer.status for answer in answers} <= {200, 409}
    assert sum("Thank you" in answer.body for answer in answers) == 1
    assert len(case.decisions) == 1
    assert len(case.approval.votes) == 1
    assert case.outcome() == case.decisions[0]["decision"]
