"""Signing in before an approval, in a browser, on the deployed stack with a real issuer beside it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fakes.approvals import ANN, BOB, WINNER, Office, office
from tests.fakes.oidc import CLIENT, Issuer, issuer

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def at() -> Iterator[Issuer]:
    with issuer() as found:
        yield found


@pytest.fixture(scope="module")
def desk(at: Issuer, tmp_path_factory: pytest.TempPathFactory, repo: Path) -> Iterator[Office]:
    root = tmp_path_factory.mktemp("office")
    with office(root, repo, OidcIssuer=at.url, OidcClientId=CLIENT) as made:
        yield made


def sign_in(page: Page, at: Issuer, link: str, person: str) -> None:
    page.set_default_timeout(30_000)
    page.goto(link)
    expect(page).to_have_url(re.compile(f"^{at.url}/authorize"))
    page.get_by_label("Your address").fill(person)
    page.get_by_role("button", name="Sign in").click()


def test_only_who_was_asked_comes_in_by_a_link_and_the_audit_says_who_it_was(
    chromium: Browser, page: Page, at: Issuer, desk: Office
) -> None:
    case = desk.ask()
    link = case.link(ANN)

    # Ann passes her link on to Bob, who may sign in and is not let in.
    other = chromium.new_context().new_page()
    sign_in(other, at, link, BOB)
    expect(other.get_by_role("heading", level=1)).to_have_text("This link is for somebody else")
    other.goto(link)
    expect(other).to_have_url(re.compile(f"^{at.url}/authorize"))
    assert case.status == "pending"

    sign_in(page, at, link, ANN)
    expect(page.get_by_role("heading", level=1)).to_contain_text(WINNER)
    expect(page).to_have_url(re.compile(r"^http://127\.0\.0\.1:\d+/approvals/"))
    session = [cookie for cookie in page.context.cookies() if cookie["name"] == "__Secure-fmops-session"]
    assert [(one["httpOnly"], one["secure"], one["sameSite"]) for one in session] == [(True, True, "Lax")]
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("link", name=re.compile("all numbers")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()

    page.get_by_role("radio", name=re.compile("^Reject")).check()
    page.get_by_label(re.compile("Reason")).fill("too slow for our phones")
    page.get_by_role("button", name="Send the decision").click()

    expect(page.get_by_role("status").first).to_have_text("Thank you: your decision is recorded.")
    assert case.outcome() == "rejected"
    (decision,) = case.decisions
    assert (decision["identity"], decision["principal"]["email"]) == ("oidc", ANN)
    rows = desk.target.ledger.records(f"AUDIT#{case.run_id}")
    assert [row["step"] for row in rows] == ["decision", "registry"]
    assert at.url in rows[0]["facts"]
    heads = desk.until(
        lambda: desk.target.client("s3").list_object_versions(Bucket=desk.outputs["AuditBucketName"]).get("Versions")
    )
    assert heads[-1]["Key"].startswith(f"heads/{case.run_id}/")
