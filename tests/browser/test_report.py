"""The report in a browser: alone on a page, on a phone, in the dark, on paper, and for readers of all kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from fmops.selection.page import page as report_page
from tests.fakes.report import judge, report, review

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAPER_WIDTH = 720


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("report") / "report.html"
    found = report()
    assert found.details is not None
    details = found.details.model_copy(update={"review": review()})
    shown = found.model_copy(update={"details": details, "judge": judge()})
    file.write_text(report_page(shown), encoding="utf-8")
    return Path(file).as_uri()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(chromium: Browser, address: str) -> Iterator[Page]:
    """Without scripts, and with an eye on what else it asks for."""
    context = chromium.new_context(java_script_enabled=False, viewport=DESKTOP)  # type: ignore[arg-type]
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()
    assert asked == [address]


def test_decision_is_the_first_thing_on_the_page(opened: Page) -> None:
    decision = opened.get_by_role("region", name="Decision")

    expect(decision).to_contain_text("PROMOTE")
    expect(decision).to_contain_text("better than the champion and keeps every limit")
    box = decision.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < DESKTOP["height"] / 2


def test_drawings_say_in_words_what_they_show(opened: Page) -> None:
    expect(opened.get_by_role("img", name="F1: +0.060 (+0.031 to +0.089)", exact=True)).to_be_visible()
    expect(opened.get_by_role("img", name="Quality against Latency")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_page_fits_its_screen_and_has_no_serious_flaw(
    chromium: Browser, address: str, scheme: str, size: dict[str, int]
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)

    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    violations = Axe().run(page).response["violations"]
    assert [
        f"{found['id']}: {node['html']}"
        for found in violations
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ] == []
    context.close()


def test_on_a_phone_the_judges_verdicts_are_seen_without_scrolling(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)

    cell = page.get_by_role("cell", name="94 · 73 · 45 31 of the ties: the same answer")
    expect(cell).to_be_visible()
    box = cell.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= PHONE["width"]
    context.close()


def test_nothing_is_cut_off_on_paper(chromium: Browser, address: str) -> None:
    context = chromium.new_context(viewport={"width": PAPER_WIDTH, "height": 1000})
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(address)

    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right))"
    )
    assert widest <= PAPER_WIDTH
    assert len(page.pdf(format="A4")) > 0
    context.close()
