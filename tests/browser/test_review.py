"""A reviewer's sheet in a browser: by mouse and by keyboard alone, on a phone, in the dark, without scripts."""

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from fmops.core import wiring
from fmops.core.artifacts import Location
from tests.fakes.run import rows
from tests.integration.account import ARTIFACTS
from tests.integration.conftest import account as account
from tests.integration.evaluation.conftest import Evaluation
from tests.integration.evaluation.conftest import evaluation as evaluation
from tests.integration.evaluation.review_desk import ANN, ReviewDesk, request

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1180, "height": 900}, {"width": 390, "height": 844}
GOOD = (
    "A heat pump takes heat from the air outside and brings it into the house.\n\n"
    "1. A fluid evaporates outside and takes up heat, even at minus ten degrees.\n"
    "2. A compressor presses it together, so that it gets hot.\n"
    "3. Inside it gives off this heat and becomes liquid again.\n\n"
    "For each kilowatt hour of electricity you get three to four kilowatt hours of heat."
)
BAD = "Heat pumps pump heat. <b>They</b> are pumps, and so on. Ask joe@example.org or +1 202 555 0143.</div></main>"
QUESTION = "How does a heat pump warm a house in winter, when it is colder outside than inside?"


@pytest.fixture
def address(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A reviewer's link, answered by the real functions."""
    desk = ReviewDesk(evaluation, monkeypatch)
    desk.plan(reviewers=[ANN], overlap=1, items=6, min_items=1)
    questions = [{**row, "input": QUESTION} for row in rows("test", 40)]
    wiring.store().write_json_lines(Location(ARTIFACTS, "datasets/trivia/v1/test.jsonl"), questions)
    desk.answers("tuned", {row["id"]: GOOD for row in questions})
    desk.answers("base", {row["id"]: BAD * 40 if row["id"].endswith("7") else BAD for row in questions})
    desk.confirm(ANN)
    desk.ask()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            self._answer("show_review", None)

        def do_POST(self) -> None:
            self._answer("cast_vote", self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _answer(self, function: str, body: str | None) -> None:
            path, _, query = self.path.partition("?")
            event = request(self.command, path.rpartition("/")[2], body, query.removeprefix("item="))
            with lock:
                answer: dict[str, Any] = evaluation.call(f"evaluation/{function}", **event)
            self.send_response(answer["statusCode"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer["body"].encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/reviews/{desk.link(ANN)}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def sheet(chromium: Browser, address: str) -> Iterator[Page]:
    """Without scripts, and with an eye on what the browser refuses or asks of others."""
    context = chromium.new_context(java_script_enabled=False, viewport=DESKTOP)  # type: ignore[arg-type]
    page = context.new_page()
    strange: list[str] = []
    page.on("request", lambda asked: None if asked.url.startswith(address) else strange.append(asked.url))
    page.on("console", lambda message: strange.append(message.text))
    page.goto(address)
    yield page
    context.close()
    assert [line for line in strange if not line.endswith("/favicon.ico")] == []


def test_a_reviewer_votes_comments_comes_back_and_sends_in(sheet: Page, address: str) -> None:
    expect(sheet.get_by_role("heading", name="Which answer is better?")).to_be_visible()
    sheet.get_by_label("A is better", exact=False).check()
    sheet.get_by_label("Comment").fill("the steps are clear; joe@example.org agrees")
    sheet.get_by_role("button", name="Save and go on").click()
    expect(sheet.get_by_text("Question 2 of 6")).to_be_visible()

    sheet.goto(address)
    expect(sheet.get_by_text("Question 2 of 6")).to_be_visible()
    sheet.get_by_role("link", name="Question 1, voted").click()
    expect(sheet.get_by_label("Comment")).to_have_value("the steps are clear; [email] agrees")
    sheet.get_by_label("B is better", exact=False).check()
    sheet.get_by_role("button", name="Save and go on").click()
    sheet.get_by_role("link", name="Send in", exact=True).click()
    expect(sheet.get_by_text("5 questions have no vote yet")).to_be_visible()
    sheet.get_by_role("button", name="Send in 1 vote").click()

    expect(sheet.get_by_role("heading", name="Thank you")).to_be_visible()
    sheet.goto(f"{address}?item=1")
    expect(sheet.get_by_role("heading", name="Thank you")).to_be_visible()


def test_the_whole_sheet_can_be_done_by_keyboard_alone(sheet: Page) -> None:
    for number in range(6):
        expect(sheet.get_by_text(f"Question {number + 1} of 6")).to_be_visible()
        for _ in range(8):
            sheet.keyboard.press("Tab")
            if sheet.locator("input[type=radio]:focus").count():
                break
        sheet.keyboard.press("Space")
        sheet.keyboard.press("ArrowDown")
        expect(sheet.get_by_label("B is better", exact=False)).to_be_checked()
        # Over the comment to the button.
        sheet.keyboard.press("Tab")
        sheet.keyboard.press("Tab")
        sheet.keyboard.press("Enter")
    expect(sheet.get_by_text("Every question has your vote.")).to_be_visible()
    sheet.get_by_role("button", name="Send in 6 votes").focus()
    sheet.keyboard.press("Enter")

    expect(sheet.get_by_text("Your 6 votes are in")).to_be_visible()


def test_hostile_answers_stay_text_and_name_nobody(sheet: Page) -> None:
    expect(
        sheet.get_by_text("<b>They</b> are pumps, and so on. Ask [email] or [phone].</div></main>").first
    ).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_fit_their_screen_and_have_no_serious_flaw(
    chromium: Browser, address: str, scheme: str, size: dict[str, int]
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()

    for item in ("1", "2", "3", "4", "5", "6", "end"):
        page.goto(f"{address}?item={item}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if folder := os.environ.get("FMOPS_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"review-{item}-{scheme}-{size['width']}.png", full_page=True)
    for item in ("1", "end"):
        page.goto(f"{address}?item={item}")
        violations = Axe().run(page).response["violations"]
        assert [
            f"{found['id']}: {node['html']}"
            for found in violations
            if found["impact"] in ("serious", "critical")
            for node in found["nodes"]
        ] == []
    context.close()
