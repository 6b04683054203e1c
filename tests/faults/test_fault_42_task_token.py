"""Fault 42: the task token gets to where it should not be."""

import io
import json

from tests.integration.approval.conftest import RUN, Desk

ANN, TOKENS = "ann@example.org", ("AAAAKgAAAAIAAAAA-first", "AAAAKgAAAAIAAAAA-second")


def test_fault_42_is_in_no_log_mail_page_link_event_or_decision(desk: Desk, logged: io.StringIO) -> None:
    desk.confirm(ANN)
    answered = [desk.ask(TOKENS[0])]
    mails = desk.mails(ANN)
    answered.append(desk.ask(TOKENS[1], occasion="remind"))
    mails += desk.mails(ANN)
    link = next(line for line in mails[-1].splitlines() if line.startswith("https://")).rpartition("/")[2]
    answered += [desk.open(link), desk.post(link, decision="reject"), desk.reject(link), desk.record()]
    logs = logged.getvalue()

    places = [mails, answered, desk.account.events(), desk.decisions, desk.sagemaker.packages, logs]
    places.append([record for record in desk.account.records(f"RUN#{RUN}") if "task_token" not in record])
    written = json.dumps(places, default=str)

    assert TOKENS[1] == desk.approval["task_token"]
    assert desk.tasks.succeeded[0][0] == TOKENS[1]
    assert len(mails) == 2
    assert logs
    assert "AAAAKgAAAAIAAAAA" not in written
