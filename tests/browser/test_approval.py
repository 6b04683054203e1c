"""Approving in a browser, on the deployed stack: what approvers do, on whatever device, and what must not happen."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from fmops.selection.models import Report
from tests.fakes.approvals import ANN, BOB, DAYS, DIGEST, WINNER, Office, office

pytestmark = pytest.mark.browser

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
PATIENCE = 30_000
DAY = 86_400
HOSTILE = {
    "markup": "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "line breaks": "good\r\nVerdict: PROMOTE\r\n\r\nhttps://evil.example/approve",
    "long": "x" * 1000,
    "right to left": "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("office"), repo) as made:
        yield made


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A page that must neither fail nor be refused anything by its policy."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if "Refused" in message.text else None)
    page.set_default_timeout(PATIENCE)
    yield page
    assert said == []


def decide(page: Page, decision: str, *, name: str = "", reason: str = "") -> None:
    page.get_by_role("radio", name=re.compile(f"^{decision}")).check()
    if name:
        page.get_by_label(re.compile("short name")).fill(name)
    page.get_by_label(re.compile("Reason")).fill(reason)
    page.get_by_role("button", name="Send the decision").click()


def approve(page: Page) -> None:
    decide(page, "Approve", name=WINNER)


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical, with the elements."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def named(name: str) -> Callable[[Report], Report]:
    """Changes a report so that its winner has another name."""

    def rename(found: Report) -> Report:
        winner = found.candidates[0].model_copy(update={"id": name, "model_id": name})
        decision = found.decision.model_copy(
            update={"winner": name, "leader": name, "sentence": f"Promote {name}", "reasons": [f"{name} is better"]}
        )
        return found.model_copy(update={"candidates": [winner, *found.candidates[1:]], "decision": decision})

    return rename


# First, for whoever else waited would be reminded too when the clock goes on.
def test_expired_page_says_so_and_the_journey_rejects(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    link = case.link(ANN)
    quiet.goto(link)

    desk.aws.clock.advance(DAYS * DAY / 2)
    case.links(ANN, least=2)
    desk.aws.clock.advance(DAYS * DAY / 2 + 1)

    decide(quiet, "Approve", name=WINNER)
    expect(quiet.get_by_role("heading", level=1)).to_have_text("This link has expired")
    assert serious(quiet) == []
    assert case.outcome() == "expired"
    assert case.package["ModelApprovalStatus"] == "Rejected"


def test_approver_sees_the_evidence_approves_and_the_journey_goes_on(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))

    expect(quiet.get_by_role("heading", level=1)).to_contain_text(WINNER)
    for fact in ("PROMOTE", "0.384 to 0.441", DIGEST, "a…@example.com (you)", "b…@example.com", "Waiting for"):
        expect(quiet.get_by_role("main")).to_contain_text(fact)
    approve(quiet)

    expect(quiet.get_by_role("status").first).to_have_text("Thank you: your decision is recorded.")
    assert quiet.get_by_role("button").count() == 0
    assert case.outcome() == "approved"
    assert case.package["ModelApprovalStatus"] == "Approved"
    assert case.package["CustomerMetadataProperties"]["fmops_decision"] == "approved"
    assert [record["status"] for record in case.stored if "worst_case_usd" in record] == ["approved"]


def test_report_opens_from_the_page_and_leads_back(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))

    quiet.get_by_role("link", name="all numbers").click()

    expect(quiet.get_by_role("heading", level=1)).to_contain_text(case.run_id)
    quiet.go_back()
    expect(quiet.get_by_role("button", name="Send the decision")).to_be_visible()


def test_rejecting_needs_a_reason_and_ends_the_journey(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))

    decide(quiet, "Reject")
    expect(quiet.get_by_role("alert")).to_have_text(re.compile("give a reason"))
    expect(quiet.get_by_role("alert")).to_be_in_viewport()
    assert case.status == "pending"
    decide(quiet, "Reject", reason="it invents\nprices")

    expect(quiet.get_by_role("main")).to_contain_text("rejected by a…@example.com")
    assert case.outcome() == "rejected"
    assert case.package["ModelApprovalStatus"] == "Rejected"
    assert "it invents prices" in case.package["ApprovalDescription"]


def test_approving_needs_the_short_name_and_keeps_what_was_typed(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))

    decide(quiet, "Approve", name="something else", reason="better prose")

    expect(quiet.get_by_role("alert")).to_have_text(re.compile(f"type the short name exactly: {WINNER}"))
    expect(quiet.get_by_label(re.compile("Reason"))).to_have_value("better prose")
    assert case.status == "pending"


def test_form_cannot_be_sent_without_a_choice(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))
    sent: list[str] = []
    quiet.on("request", lambda request: sent.append(request.method))

    quiet.get_by_role("button", name="Send the decision").click()

    assert sent == []
    assert quiet.locator("input:checked").count() == 0


def test_double_click_is_one_decision(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))
    quiet.get_by_role("radio", name=re.compile("^Approve")).check()
    quiet.get_by_label(re.compile("short name")).fill(WINNER)

    quiet.get_by_role("button", name="Send the decision").dblclick(no_wait_after=True)

    expect(quiet.get_by_role("status").first).to_have_text(re.compile("recorded"))
    assert case.outcome() == "approved"
    assert len(case.decisions) == 1
    assert len(case.approval.votes) == 1


def test_loading_the_answer_again_decides_nothing_anew(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))
    approve(quiet)
    expect(quiet.get_by_role("status").first).to_contain_text("recorded")

    quiet.reload()

    expect(quiet.get_by_role("main")).to_contain_text("approved by a…@example.com")
    assert len(case.decisions) == 1


def test_of_two_approvers_at_once_the_first_decides_and_the_second_is_told(
    chromium: Browser, quiet: Page, desk: Office
) -> None:
    case = desk.ask()
    others = chromium.new_context()
    second = others.new_page()
    quiet.goto(case.link(ANN))
    second.goto(case.link(BOB))

    approve(quiet)
    expect(quiet.get_by_role("status").first).to_contain_text("recorded")
    decide(second, "Reject", reason="too slow")

    expect(second.get_by_role("status").first).to_have_text("Nothing was changed: this was decided before.")
    expect(second.get_by_role("main")).to_contain_text("approved by a…@example.com")
    others.close()
    assert case.outcome() == "approved"


def test_two_of_two_must_approve(chromium: Browser, quiet: Page, desk: Office) -> None:
    case = desk.ask(needed=2)
    quiet.goto(case.link(ANN))
    approve(quiet)
    expect(quiet.get_by_role("main")).to_contain_text("Waiting for approvals (1 of 2 are there)")
    assert case.status == "pending"

    quiet.goto(case.link(BOB))
    expect(quiet.get_by_role("main")).to_contain_text("a…@example.com: approved on")
    approve(quiet)

    expect(quiet.get_by_role("main")).to_contain_text("approved by b…@example.com")
    assert case.outcome() == "approved"


def test_newer_run_closes_the_page_of_the_older_one(quiet: Page, desk: Office) -> None:
    older = desk.ask("same-case")
    link = older.link(ANN)
    newer = desk.ask("same-case", began=timedelta(minutes=1))
    newer.link(ANN)

    quiet.goto(link)

    expect(quiet.get_by_role("main")).to_contain_text("a newer run took its place")
    assert quiet.get_by_role("button").count() == 0
    assert older.outcome() == "superseded"
    assert older.package["ModelApprovalStatus"] == "Rejected"
    assert newer.status == "pending"


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_are_shown_and_do_nothing(chromium: Browser, desk: Office, name: str) -> None:
    case = desk.ask(shown=named(name))
    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    link = case.link(ANN)
    page.goto(link)

    assert page.title().startswith("Approval: ")
    assert page.evaluate("document.querySelectorAll('script, img, a:not([href$=\"/report\"])').length") == 0
    assert asked == [link]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    decide(page, "Approve", name=case.approval.evidence.short_name)
    expect(page.get_by_role("status").first).to_contain_text("recorded")
    context.close()
    assert case.outcome() == "approved"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_state_fits_the_screen_and_has_no_serious_flaw(
    chromium: Browser, desk: Office, size: dict[str, int], scheme: str
) -> None:
    case = desk.ask(needed=2)
    context = chromium.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    link = case.link(ANN)

    def check(state: str) -> None:
        assert serious(page) == [], state
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], state

    page.goto(link)
    check("pending")
    decide(page, "Approve", name="wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    check("problem")
    approve(page)
    expect(page.get_by_role("status").first).to_contain_text("recorded")
    check("voted")
    page.goto(f"{link[:-3]}xxx")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is not valid")
    check("refused")
    context.close()


def test_keyboard_alone_is_enough(quiet: Page, desk: Office) -> None:
    case = desk.ask()
    quiet.goto(case.link(ANN))

    def reach(element: str) -> None:
        for _ in range(20):
            quiet.keyboard.press("Tab")
            if quiet.evaluate(f"document.activeElement.matches({element!r})"):
                return
        raise AssertionError(f"{element} can't be reached")

    reach("a")
    reach("input[type=radio]")
    quiet.keyboard.press("Space")
    reach("#confirmation")
    quiet.keyboard.type(WINNER)
    reach("#reason")
    quiet.keyboard.type("reads well")
    reach("button")
    quiet.keyboard.press("Enter")

    expect(quiet.get_by_role("status").first).to_contain_text("recorded")
    assert case.approval.reason == "reads well"


def test_focus_is_seen(quiet: Page, desk: Office) -> None:
    quiet.goto(desk.ask().link(ANN))
    quiet.get_by_role("radio").first.focus()
    quiet.keyboard.press("Tab")

    outline = quiet.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert outline != "none"
