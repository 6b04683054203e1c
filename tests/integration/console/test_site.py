"""What the console answers to requests that are none of its own."""

import http.client
from collections.abc import Mapping

import pytest

from local.console.site import Console
from local.http_front import Request
from tests.fakes.local_run import LocalRun


def status(console: Console, method: str, path: str, headers: Mapping[str, str] | None = None) -> int:
    request = Request(method, path, {"Host": "127.0.0.1:4700", **(headers or {})}, b"")
    return int(console.answer(request).status)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/mail/999", "/runs/run-none", "/executions/evaluation/x", "/executions/other/x", "/static/x"]
)
def test_what_is_not_there_is_not_found(console: Console, path: str) -> None:
    assert status(console, "GET", path) == 404


def test_other_sites_can_not_act_in_the_readers_name(console: Console, run: LocalRun) -> None:
    before = run.aws.clock.offset

    answers = [
        status(console, "POST", "/clock", {"Origin": "https://example.com"}),
        status(console, "POST", "/clock", {"Sec-Fetch-Site": "cross-site"}),
        status(console, "POST", "/clock", {"Host": "rebound.example.com"}),
        status(console, "GET", "/", {"Host": "rebound.example.com:4700"}),
    ]

    assert answers == [403, 403, 403, 403]
    assert run.aws.clock.offset == before


def test_actions_are_not_links(console: Console) -> None:
    assert status(console, "GET", "/clock") == 405
    assert status(console, "POST", "/") == 405


@pytest.mark.parametrize("hours", [b"0", b"-1", b"many", b"100000"])
def test_clock_refuses_what_is_no_step(console: Console, run: LocalRun, hours: bytes) -> None:
    before = run.aws.clock.offset

    answer = console.answer(Request("POST", "/clock", {"Host": "localhost:4700"}, b"hours=" + hours))

    assert answer.status == 400
    assert run.aws.clock.offset == before


def test_unknown_schedule_is_not_found(console: Console) -> None:
    assert status(console, "POST", "/schedules/default/none") == 404


def test_pages_allow_nothing_from_elsewhere(console: Console) -> None:
    host, port = console.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=30)
    connection.request("GET", "/static/console.css")
    sheet = connection.getresponse()
    content = sheet.read()
    connection.request("GET", "/nowhere")
    page = connection.getresponse()
    page.read()
    connection.close()

    assert sheet.headers["Content-Type"] == "text/css; charset=utf-8"
    assert b"@import" not in content
    assert b"url(" not in content
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_what_others_named_is_escaped(console: Console, run: LocalRun) -> None:
    run.target.client("ses").verify_email_identity(EmailAddress="a@example.com")
    run.target.client("ses").send_email(
        Source="a@example.com",
        Destination={"ToAddresses": ["b@example.com"]},
        Message={"Subject": {"Data": "<script>1</script>"}, "Body": {"Text": {"Data": '<b> http://x/?a=1&b="2'}}},
    )
    mail = run.aws.mailbox.wait_for(lambda found: "<script>" in found.subject, 10)
    assert mail is not None

    home = console.answer(Request("GET", "/", {"Host": "localhost"}, b"")).body.decode()
    shown = console.answer(Request("GET", f"/mail/{mail.number}", {"Host": "localhost"}, b"")).body.decode()

    assert "&lt;script&gt;1&lt;/script&gt;" in home
    assert "<script>1" not in home + shown
    assert '&lt;b&gt; <a href="http://x/?a=1&amp;b=" target="_blank"' in shown
