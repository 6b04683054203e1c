"""The console in a browser: a run in flight, mails and their links, phones, the dark, and readers of all kinds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from fmops_cli.datasets import of_folder
from fmops_cli.reading import Reader
from local.console.site import Console
from local.demo import people
from tests.fakes.local_run import APPROVER, OWNER, USE_CASE, LocalRun, dataset_folder, local_run
from tests.waiting import eventually

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 60_000


@pytest.fixture(scope="module")
def run(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    """A local run with a use case whose owner has confirmed their address, and its approver not yet."""
    with local_run(repo, tmp_path_factory.mktemp("local-run")) as found:
        found.save(USE_CASE)
        mail = found.aws.mailbox.wait_for(lambda mail: mail.to == OWNER, 20)
        assert mail is not None
        people.open_link(people.links(mail.text)[0])
        yield found


@pytest.fixture(scope="module")
def console(run: LocalRun) -> Iterator[Console]:
    site = Console(run.aws, run.target)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def run_id(run: LocalRun, console: Console, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run that waits in its training job, at step 3 of 8."""
    for upload in of_folder(dataset_folder(tmp_path_factory.mktemp("data")), "trivia", "v1", "question_answering"):
        run.target.client("s3").put_object(
            Bucket=run.target.output("DatasetsBucketName"), Key=upload.key, Body=upload.body
        )
    found: str = eventually(lambda: Reader(run.target).runs())[0]["run_id"]
    job = f"{run.target.output('NamePrefixValue')}-tune-{found}-tuned"
    eventually(lambda: run.aws.sagemaker.progress(job))
    return found


@pytest.fixture
def quiet(page: Page) -> Iterator[Page]:
    """A page that must neither fail nor be refused anything by its policy."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical, with the elements."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_address_is_confirmed_by_the_link_in_the_mail(quiet: Page, console: Console) -> None:
    quiet.goto(console.url)
    waits = quiet.get_by_role("region", name="Waits for somebody")
    waits.get_by_role("link", name=f"Open the mail to {APPROVER}").click()
    expect(quiet.get_by_role("heading", level=1)).to_have_text(re.compile("Subscription Confirmation"))

    with quiet.expect_popup() as opened:
        quiet.get_by_role("link", name="/_mail/confirm").click()

    expect(opened.value.get_by_role("heading")).to_have_text("Subscription confirmed!")
    opened.value.close()
    quiet.goto(console.url)
    expect(quiet.locator("#waits")).not_to_contain_text(APPROVER)


def test_run_in_flight_is_drawn_with_its_states_and_jobs(quiet: Page, console: Console, run_id: str) -> None:
    quiet.goto(console.url)

    journeys = quiet.get_by_role("region", name="Journeys")
    expect(journeys.locator(".step.current", has_text="Launch fine tuning")).to_be_visible(timeout=PATIENCE)
    expect(journeys.locator(".step.done", has_text="Plan run")).to_be_visible()
    expect(journeys.locator(".step.waiting", has_text="Register winner")).to_be_visible()
    bar = quiet.get_by_role("progressbar", name=re.compile(f"step of .*{run_id}"))
    expect(bar).to_have_attribute("value", "3")
    expect(bar).to_have_attribute("max", "8")


@pytest.mark.parametrize("size, scheme", [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop light", "phone dark"])
def test_pages_are_for_readers_of_all_kinds_and_never_wider_than_the_screen(
    chromium: Browser, run: LocalRun, console: Console, run_id: str, size: dict[str, int], scheme: str
) -> None:
    context = chromium.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    newest = run.aws.mailbox.messages()[0].number
    for path in ("/", f"/mail/{newest}", f"/runs/{run_id}", f"/executions/evaluation/{run_id}", "/nowhere"):
        page.goto(console.url + path)

        assert serious(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
    context.close()


def test_dark_is_dark_and_light_is_light(chromium: Browser, console: Console) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        context = chromium.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(console.url)
        shown = page.evaluate("getComputedStyle(document.body).backgroundColor")
        colours[scheme] = sum(map(int, re.findall(r"\d+", shown)[:3]))
        context.close()

    assert colours["light"] > 3 * 200
    assert colours["dark"] < 3 * 50


def test_page_follows_the_run_by_itself_until_it_waits_for_approval(
    quiet: Page, console: Console, run: LocalRun, run_id: str
) -> None:
    quiet.goto(console.url)
    quiet.evaluate("window.untouched = true")

    run.open("tune")

    runs = quiet.get_by_role("region", name="Runs")
    expect(runs.locator(".pill", has_text="awaiting approval")).to_be_visible(timeout=PATIENCE)
    expect(runs).to_contain_text("Promote tuned")
    expect(quiet.locator("#registry")).to_contain_text("pending manual approval", timeout=PATIENCE)
    assert quiet.evaluate("window.untouched") is True


def test_approval_link_in_the_mail_leads_to_the_decision(quiet: Page, console: Console, run_id: str) -> None:
    quiet.goto(console.url)
    waits = quiet.get_by_role("region", name="Waits for somebody")
    waits.get_by_role("link", name=re.compile(f"{APPROVER}: decides about trivia")).click(timeout=PATIENCE)

    with quiet.expect_popup() as opened:
        quiet.get_by_role("link", name="/approvals/").click()

    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("tuned for trivia")
    opened.value.close()


def test_report_runs_no_script_and_is_readable(quiet: Page, console: Console, run_id: str) -> None:
    quiet.goto(f"{console.url}/runs/{run_id}")
    quiet.get_by_role("link", name="Report").click()

    expect(quiet.get_by_role("heading", level=1)).to_have_text(re.compile(run_id))
    assert quiet.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"


def test_clock_goes_forward_by_a_button(quiet: Page, console: Console, run: LocalRun, run_id: str) -> None:
    before = run.aws.clock.offset
    quiet.goto(console.url)

    quiet.get_by_role("button", name="Go 1 hour forward").click()

    expect(quiet.locator("#clock")).to_contain_text("ahead", timeout=PATIENCE)
    assert run.aws.clock.offset == before + 3600


def test_page_says_when_the_local_run_has_gone(page: Page, run: LocalRun) -> None:
    site = Console(run.aws, run.target)
    site.start()
    page.goto(site.url)

    site.stop()

    expect(page.get_by_role("status")).to_contain_text("does not answer any more", timeout=PATIENCE)
