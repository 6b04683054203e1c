"""The sign-in in front of an approval: begins it, ends it, and says who a visitor of the page is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from fmops.approval import page
from fmops.approval.identity import redirect
from fmops.approval.links import Opened, open_link, refusal
from fmops.approval.models import Approver
from fmops.approval.wording import masked
from fmops.core.errors import AlreadyExists, LinkExpired, LinkInvalid, SignInRefused, SignInUnavailable
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger
from fmops.core.log import logger
from fmops.links import http
from fmops.links.kms import Verifier
from fmops.signin import cookies, flow
from fmops.signin.models import Principal
from fmops.signin.provider import Provider
from fmops.signin.seals import Opener, Sealer
from fmops.signin.sessions import open_session
from fmops.signin.tokens import same_address

log = logger("approval")

KIND = "sign_in"


class Desk(NamedTuple):
    """What a sign-in needs."""

    verifier: Verifier
    ledger: Ledger
    provider: Provider
    sealer: Sealer
    opener: Opener


def begin(event: Mapping[str, Any], desk: Desk, now: datetime) -> dict[str, Any]:
    """Send the visitor of a genuine link to the issuer. Writes nothing."""
    link = http.request(event).token
    try:
        open_link(link, desk.verifier, desk.ledger, now)
        begun = flow.begin(desk.provider, desk.sealer, link, _site(event), now)
    except (LinkInvalid, LinkExpired) as error:
        return refusal(error, event)
    except SignInUnavailable as error:
        return _unavailable(error)
    return redirect(begun.url, begun.cookie)


def finish(event: Mapping[str, Any], desk: Desk, now: datetime) -> dict[str, Any]:
    """The issuer has sent somebody back: let the approver of the link in, and nobody else."""
    given = event.get("queryStringParameters") or {}
    state, code = str(given.get("state", "")), str(given.get("code", ""))
    try:
        begun = flow.resume(desk.opener, state, cookies.read(event, cookies.transaction_name(state)), now)
        if not code:
            raise SignInRefused("the issuer did not let you in")
        opened = open_link(begun.link, desk.verifier, desk.ledger, now)
        who = desk.provider.principal(code, begun, now)
        is_theirs = same_address(who.email or "", opened.approver.address)
        _remember(desk.ledger, opened, who, state, let_in=is_theirs, now=now)
    except (LinkInvalid, LinkExpired) as error:
        return refusal(error, event)
    except SignInRefused as error:
        log.warning("sign-in refused", extra={"why": str(error)})
        text = f"Why: {error}. Open the link from your mail once more to try again."
        return _page(403, "You could not be signed in", text, cookies.end(state))
    except SignInUnavailable as error:
        return _unavailable(error)
    if not is_theirs:
        log.warning("link used by somebody else", extra={"run_id": opened.approval.run_id})
        return _page(403, "This link is for somebody else", _passed_on(opened.approver, who), cookies.end(state))
    expires = min(now + timedelta(seconds=cookies.SESSION_SECONDS), opened.approval.expires_at)
    sealed = open_session(desk.sealer, opened.approval.approval_id, opened.approver.id, who, expires)
    kept = cookies.session(begun.link, sealed)
    return redirect(f"/approvals/{begun.link}?signed-in=1", kept, cookies.end(state))


def closed() -> dict[str, Any]:
    """The stack has no issuer: there is nothing to sign in to."""
    return _page(404, "There is no sign-in here", "The link from your mail is all that you need.")


def _site(event: Mapping[str, Any]) -> str:
    """Where this request came in: the function can't be told, for the API's address depends on it."""
    host = str(event["requestContext"]["domainName"])
    # API Gateway says how it was asked. Only a local run is asked otherwise, and the issuer knows where it may send to.
    scheme = str((event.get("headers") or {}).get("x-forwarded-proto", "https"))
    return f"{scheme if scheme == 'http' else 'https'}://{host}"


def _remember(ledger: Ledger, opened: Opened, who: Principal, state: str, *, let_in: bool, now: datetime) -> None:
    """Write down who came by which link, once: a state that was used is used up. SignInRefused where it was."""
    run_id = opened.approval.run_id
    record = {
        "run_id": run_id,
        "use_case": opened.approval.use_case,
        "approver": opened.approver.id,
        "principal": who.model_dump(mode="json"),
        "let_in": let_in,
    }
    try:
        ledger.put_once(Key(f"SIGNIN#{run_id}", short_hash(state, length=32)), record, kind=KIND, now=now)
    except AlreadyExists as error:
        raise SignInRefused("this sign-in was used already") from error


def _passed_on(approver: Approver, who: Principal) -> str:
    return (
        f"You are signed in as {masked(who.email or '')}, and this link was sent to {masked(approver.address)}: "
        "it can't be passed on. If both are you, sign out at your organisation and open the link again."
    )


def _unavailable(error: SignInUnavailable) -> dict[str, Any]:
    log.error("sign-in unavailable", extra={"why": str(error)})
    text = "Your organisation's sign-in can't be reached just now. Nothing was changed: please try again in a while."
    return _page(502, "Signing in is not possible now", text)


def _page(status: int, title: str, text: str, *kept: str) -> dict[str, Any]:
    answer = http.response(status, page.message(title, text), page.STYLE)
    return {**answer, "cookies": list(kept)} if kept else answer
