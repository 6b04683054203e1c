"""With an issuer the approver of a link signs in first: nobody else comes in, whatever they bring."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import boto3
import pytest

from fmops.core import clock, wiring
from fmops.signin import door, flow
from fmops.signin import wiring as signin
from fmops.signin.seals import Sealer
from tests.fakes.oidc import CLIENT, Issuer, Key, issuer

ANN, BOB = "ann@example.org", "bob@example.org"
Answer = dict[str, Any]


class Browser:
    """Keeps cookies as browsers do, by name and path."""

    def __init__(self, desk: Any) -> None:
        self._desk, self._sign_in = desk, desk.account.handler("approval/sign_in")
        self.cookies: dict[str, tuple[str, str]] = {}

    def get(self, address: str) -> Answer:
        """Follow no redirect."""
        parts = urlsplit(address)
        link = parts.path.split("/")[2] if parts.path.startswith("/approvals/") else ""
        event = request("GET", parts.path, link, dict(parse_qsl(parts.query)))
        event["cookies"] = self._kept(parts.path)
        function = self._sign_in if parts.path.endswith("/sign-in") else self._desk._show
        answer: Answer = function(event, None)
        self._keep(answer)
        return answer

    def post(self, link: str, **fields: str) -> Answer:
        event = request("POST", f"/approvals/{link}", link, {})
        event |= {"body": urlencode(fields), "cookies": self._kept(f"/approvals/{link}")}
        event["headers"]["content-type"] = "application/x-www-form-urlencoded"
        answer: Answer = self._desk._decide(event, None)
        return answer

    def sign_in(self, at: Issuer, link: str, person: str) -> Answer:
        """All of it: the answer to the way back."""
        return self.get(at.sign_in(self.begin(link), person))

    def begin(self, link: str) -> str:
        """Where the issuer is asked."""
        answer = self.get(f"/approvals/{link}/sign-in")
        assert answer["statusCode"] == 302, answer
        return str(answer["headers"]["location"])

    def _kept(self, path: str) -> list[str]:
        return [
            f"{name}={value}" for name, (value, below) in self.cookies.items() if f"{path}/".startswith(f"{below}/")
        ]

    def _keep(self, answer: Answer) -> None:
        for cookie in answer.get("cookies", []):
            pair, *attributes = [part.strip() for part in cookie.split(";")]
            assert {"HttpOnly", "Secure", "SameSite=Lax"} <= set(attributes), cookie
            name, _, value = pair.partition("=")
            assert name.startswith("__Secure-")
            path = next(one.partition("=")[2] for one in attributes if one.startswith("Path="))
            if "Max-Age=0" in attributes:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = (value, path)


def request(method: str, path: str, link: str, query: dict[str, str]) -> Answer:
    return {
        "version": "2.0",
        "requestContext": {"domainName": "api.example.org", "http": {"method": method, "path": path}},
        **({"pathParameters": {"token": link}} if link else {}),
        "queryStringParameters": query,
        "headers": {"x-forwarded-proto": "https", "sec-fetch-site": "same-origin", "origin": "https://api.example.org"},
        "isBase64Encoded": False,
    }


@pytest.fixture
def at(desk: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """The issuer of the stack."""
    key = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    with issuer() as found:
        monkeypatch.setenv("FMOPS_OIDC_ISSUER", found.url)
        monkeypatch.setenv("FMOPS_OIDC_CLIENT_ID", CLIENT)
        monkeypatch.setenv("FMOPS_SESSION_KEY", key)
        made = (door.door, signin.sealer, signin.opener, signin.provider)
        for one in made:
            one.cache_clear()
        yield found
        for one in made:
            one.cache_clear()


@pytest.fixture
def link(desk: Any, at: Issuer) -> str:
    """Ann's."""
    desk.confirm(ANN, BOB)
    desk.ask()
    return str(desk.link(ANN))


@pytest.fixture
def browser(desk: Any) -> Browser:
    return Browser(desk)


def test_who_has_not_signed_in_is_sent_to_the_issuer(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    answer = browser.get(f"/approvals/{link}")

    assert answer["statusCode"] == 302
    assert answer["headers"]["location"] == f"/approvals/{link}/sign-in"
    asked = dict(parse_qsl(urlsplit(browser.begin(link)).query))
    assert asked["redirect_uri"] == "https://api.example.org/sign-in"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert link not in str(asked)


def test_the_approver_comes_in_and_decides_and_the_audit_holds_who(
    desk: Any, at: Issuer, browser: Browser, link: str
) -> None:
    back = browser.sign_in(at, link, "Ann@example.org")
    page = browser.get(back["headers"]["location"])
    decided = browser.post(link, decision="reject", confirmation="", reason="too slow")

    assert (page["statusCode"], decided["statusCode"]) == (200, 200)
    (decision,) = desk.decisions
    assert decision["identity"] == "oidc"
    assert decision["principal"] == {
        "identity": "oidc",
        "issuer": at.url,
        "subject": "subject-of-Ann",
        "email": "Ann@example.org",
    }


def test_a_forwarded_link_is_refused_and_remembered(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    answer = browser.sign_in(at, link, BOB)

    assert answer["statusCode"] == 403
    assert "for somebody else" in answer["body"]
    assert ANN not in answer["body"]
    assert browser.get(f"/approvals/{link}")["statusCode"] == 302
    assert browser.post(link, decision="reject", reason="mine now")["statusCode"] == 401
    assert desk.approval["status"] == "pending"
    (seen,) = wiring.ledger().records(f"SIGNIN#{desk.approval['run_id']}")
    assert (seen["let_in"], seen["principal"]["email"]) == (False, BOB)


def test_a_session_of_one_link_opens_no_other(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    browser.sign_in(at, link, ANN)
    other = str(desk.link(BOB))
    ((name, (value, _)),) = browser.cookies.items()
    browser.cookies[name] = (value, f"/approvals/{other}")

    assert browser.get(f"/approvals/{other}")["statusCode"] == 302
    assert browser.post(other, decision="reject", reason="as bob")["statusCode"] == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-application"},
        {"exp": 1_700_000_000},
        {"iss": "https://evil.example.org"},
        {"nonce": "another"},
        {"email_verified": False},
        {"email": None},
    ],
)
def test_a_token_that_does_not_hold_lets_nobody_in(
    desk: Any, at: Issuer, browser: Browser, link: str, changes: dict[str, Any]
) -> None:
    at.changes = changes

    answer = browser.sign_in(at, link, ANN)

    assert answer["statusCode"] == 403
    assert browser.get(f"/approvals/{link}")["statusCode"] == 302


def test_alg_none_lets_nobody_in(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    at.header, at.unsigned = {"alg": "none"}, True

    assert browser.sign_in(at, link, ANN)["statusCode"] == 403


def test_a_key_of_somebody_elses_lets_nobody_in(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    at.published = [Key("one")]

    assert browser.sign_in(at, link, ANN)["statusCode"] == 403


def test_a_new_key_of_the_issuer_is_found(desk: Any, at: Issuer, browser: Browser, link: str, later: Any) -> None:
    assert browser.sign_in(at, link, ANN)["statusCode"] == 302
    at.keys = [Key("two")]
    later(timedelta(seconds=40))

    assert browser.sign_in(at, link, ANN)["statusCode"] == 302


@pytest.mark.parametrize("forgets", [True, False])
def test_a_way_back_that_was_used_is_used_up(desk: Any, at: Issuer, browser: Browser, link: str, forgets: bool) -> None:
    at.forgets_codes = forgets
    back = at.sign_in(browser.begin(link), ANN)
    kept = dict(browser.cookies)
    assert browser.get(back)["statusCode"] == 302
    browser.cookies = kept

    again = browser.get(back)

    assert again["statusCode"] == 403
    assert not any("session" in cookie and "Max-Age=3600" in cookie for cookie in again["cookies"])


def test_a_way_back_in_another_browser_is_refused(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    back = at.sign_in(browser.begin(link), ANN)
    victim = Browser(desk)

    assert victim.get(back)["statusCode"] == 403
    assert victim.cookies == {}


def test_a_state_that_was_not_begun_here_is_refused(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    back = at.sign_in(browser.begin(link), ANN)

    assert browser.get(back.replace("state=", "state=x"))["statusCode"] == 403


def test_a_code_without_its_verifier_is_refused_by_the_issuer(
    desk: Any, at: Issuer, browser: Browser, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "challenge", lambda _: "another")

    assert browser.sign_in(at, link, ANN)["statusCode"] == 403


def test_a_sign_in_that_took_too_long_is_refused(
    desk: Any, at: Issuer, browser: Browser, link: str, later: Any
) -> None:
    back = at.sign_in(browser.begin(link), ANN)
    later(timedelta(minutes=11))

    assert browser.get(back)["statusCode"] == 403


def test_a_session_ends(desk: Any, at: Issuer, browser: Browser, link: str, later: Any) -> None:
    browser.sign_in(at, link, ANN)
    later(timedelta(minutes=61))

    assert browser.get(f"/approvals/{link}")["statusCode"] == 302
    assert browser.post(link, decision="reject", reason="late")["statusCode"] == 401


def test_a_forged_session_is_none(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    browser.sign_in(at, link, ANN)
    ((name, (value, path)),) = browser.cookies.items()
    foreign = boto3.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    forged = Sealer(wiring.client("kms"), foreign).seal("session", {}, clock.now().replace(year=2099))

    for other in (value[:-4], f"x{value}", forged, "", "a.b", "é.é"):
        browser.cookies[name] = (other, path)
        assert browser.get(f"/approvals/{link}")["statusCode"] == 302


def test_an_issuer_that_does_not_answer_says_so(
    desk: Any, at: Issuer, browser: Browser, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FMOPS_OIDC_ISSUER", "http://127.0.0.1:9")
    signin.provider.cache_clear()

    answer = browser.get(f"/approvals/{link}/sign-in")

    assert answer["statusCode"] == 502
    assert "try again" in answer["body"]


def test_who_says_no_at_the_issuer_is_told_so(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    state = dict(parse_qsl(urlsplit(browser.begin(link)).query))["state"]

    answer = browser.get(f"/sign-in?error=access_denied&state={state}")

    assert answer["statusCode"] == 403
    assert "did not let you in" in answer["body"]


def test_a_browser_that_keeps_no_cookies_does_not_go_round_for_ever(
    desk: Any, at: Issuer, browser: Browser, link: str
) -> None:
    place = browser.sign_in(at, link, ANN)["headers"]["location"]
    browser.cookies = {}

    assert browser.get(place)["statusCode"] == 401


def test_a_client_secret_is_sent_where_there_is_one(
    desk: Any, at: Issuer, browser: Browser, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.secret = "s3cret/+"
    assert browser.sign_in(at, link, ANN)["statusCode"] == 403
    made = boto3.client("secretsmanager").create_secret(Name="oidc", SecretString="s3cret/+")["ARN"]
    monkeypatch.setenv("FMOPS_OIDC_SECRET", made)
    signin.provider.cache_clear()
    # RFC 6749 section 2.3.1 has both parts encoded as in a form.
    at.secret = "s3cret%2F%2B"

    assert browser.sign_in(at, link, ANN)["statusCode"] == 302


def test_a_forged_link_begins_nothing(desk: Any, at: Issuer, browser: Browser, link: str) -> None:
    payload, _, mac = link.partition(".")

    answer = browser.get(f"/approvals/{payload}.{mac[::-1]}/sign-in")

    assert answer["statusCode"] == 403
    assert at.asked == []


def test_without_an_issuer_the_audit_says_mailbox(desk: Any) -> None:
    desk.confirm(ANN, BOB)
    desk.ask()

    desk.reject(desk.link(ANN))

    (decision,) = desk.decisions
    assert (decision["identity"], decision["principal"]) == ("mailbox", None)
