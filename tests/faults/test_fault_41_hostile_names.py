"""Fault 41: a model's name is HTML, or has line breaks."""

import io
import json
from typing import Any

import pytest

from fmops.core import wiring
from fmops.core.artifacts import Location
from tests.integration.account import ARTIFACTS
from tests.integration.approval.conftest import ANN, RUN, Desk, report

NAMES = {
    "markup": "</title><script>alert(1)</script><img src=x onerror=alert(2)>",
    "line breaks": 'x\r\nBcc: all@example.org\r\n{"level":"ERROR"}',
    "right to left": "\u202egpj.exe",
    "long": "<b>" * 400,
}


@pytest.fixture(params=list(NAMES.values()), ids=list(NAMES))
def name(request: pytest.FixtureRequest, desk: Desk) -> str:
    """The name of the model that waits for approval, in the report as in the run."""
    found: dict[str, Any] = report()
    hostile = str(request.param)
    found["decision"] |= {"winner": hostile, "leader": hostile, "sentence": hostile, "reasons": [hostile]}
    found["candidates"][0] |= {"id": hostile, "model_id": hostile}
    wiring.store().write_json(Location(ARTIFACTS, f"runs/{RUN}/report.json"), found)
    desk.confirm(ANN)
    return hostile


def test_fault_41_is_text_on_the_page_in_the_mail_and_in_the_logs(desk: Desk, name: str, logged: io.StringIO) -> None:
    desk.ask()
    (mail,) = desk.mails(ANN)
    (line,) = [line for line in mail.splitlines() if line.startswith("https://")]
    link = line.rpartition("/")[2]
    page = desk.open(link)["body"]
    typed = desk.approval["evidence"]["short_name"]
    assert desk.post(link, decision="approve", confirmation=typed)["statusCode"] == 200

    assert not any(mark in page for mark in ("<script", "<img", "<b>", "\u202e"))
    assert not any(line.startswith("Bcc:") for line in mail.splitlines())
    assert "\u202e" not in mail
    # Each line of the log is one entry of ours.
    entries = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {entry["level"] for entry in entries} == {"INFO"}
    assert len(entries) >= 2
