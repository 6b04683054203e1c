"""A dataset's way through a local run, as the command line and the console show it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from fmops.core.events import DriftDetected, Emitter
from fmops_cli.reading import Reader
from local.console.site import Console
from local.demo import people
from local.http_front import Request
from tests.fakes.local_run import APPROVER, OWNER, USE_CASE, LocalRun, dataset_folder
from tests.integration.console.conftest import Fmops
from tests.waiting import eventually

Get = Callable[[str], str]
HOST = {"Host": "127.0.0.1"}


@pytest.fixture
def get(console: Console) -> Get:
    def fetch(path: str) -> str:
        return people.open_link(console.url + path)

    return fetch


def confirm(run: LocalRun, *addresses: str) -> None:
    """What the people of a use case do with the mails that they get."""
    for address in addresses:
        mail = run.aws.mailbox.wait_for(lambda mail, address=address: mail.to == address, 20)  # type: ignore[misc]
        assert mail is not None
        link = re.search(r"http://\S+/_mail/confirm\S+", mail.text)
        assert link is not None
        people.open_link(link[0])


# The tests of this module are one story: each goes on where the one before it ended.


def test_nothing_has_happened_yet(fmops: Fmops, get: Get) -> None:
    assert json.loads(fmops("runs", "--json").out) == []
    assert "No run yet" in fmops("runs").out
    assert "There is no use case yet" in fmops("use-case", "list").out
    assert "fmops use-case add" in get("/")


def test_use_case_is_saved_and_its_people_are_asked(run: LocalRun, fmops: Fmops, get: Get, tmp_path: Path) -> None:
    file = tmp_path / "trivia.yaml"
    file.write_text(yaml.safe_dump(USE_CASE))

    said = fmops("use-case", "add", str(file))

    assert said.code == 0
    assert "use case trivia saved" in said.out
    assert [found["name"] for found in json.loads(fmops("use-case", "list", "--json").out)] == ["trivia"]
    eventually(lambda: run.aws.mailbox.messages(OWNER) and run.aws.mailbox.messages(APPROVER))
    page = get("/")
    assert f"<strong>{APPROVER}</strong> confirms their address" in page
    confirm(run, OWNER, APPROVER)
    assert f"<strong>{APPROVER}</strong> confirms" not in get("/")


def test_run_without_data_says_so(fmops: Fmops) -> None:
    said = fmops("run", "trivia")

    assert said.code == 1
    assert said.err == "fmops: no dataset of trivia (trivia) is registered; `fmops dataset add` drops one\n"
    assert fmops("run", "no-such").code == 1


def test_dataset_starts_a_run_that_is_seen_at_work(run: LocalRun, fmops: Fmops, get: Get, tmp_path: Path) -> None:
    dropped = fmops("dataset", "add", str(dataset_folder(tmp_path)), "--name", "trivia", "--json")
    assert dropped.code == 0
    run_id = eventually(lambda: Reader(run.target).runs())[0]["run_id"]
    eventually(lambda: "step 3 / 8" in get("/"))

    page = get("/")

    assert run_id in page
    assert 'class="step current"' in page
    assert "Launch fine tuning" in page
    assert "step 3 / 8" in page
    shown = get(f"/executions/evaluation/{run_id}")
    assert "LaunchFineTuning" in shown
    [listed] = json.loads(fmops("dataset", "list", "--json").out)
    assert (listed["name"], listed["version"], listed["train_rows"]) == ("trivia", "v1", 40)


def test_run_asks_for_approval_and_is_reported(run: LocalRun, fmops: Fmops, get: Get) -> None:
    [record] = Reader(run.target).runs()
    run_id = record["run_id"]
    run.open("tune")
    eventually(lambda: Reader(run.target).run(run_id)["status"] == "awaiting_approval")
    eventually(lambda: f"<strong>{APPROVER}</strong> decides about trivia" in get("/"))

    page, said = get(f"/runs/{run_id}"), fmops("report", run_id)

    assert "Promote tuned" in page
    assert 'class="pill good">winner' in page
    assert re.search(r"<strong>0\.\d{3}</strong>", page)
    assert said.code == 0
    assert "PROMOTE: Promote tuned" in said.out
    assert re.search(r"0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]", said.out)
    report = json.loads(fmops("report", run_id, "--json").out)
    assert report["decision"]["winner"] == "tuned"
    [listed] = json.loads(fmops("runs", "--json").out)
    assert (listed["verdict"], listed["winner"], listed["status"]) == ("PROMOTE", "tuned", "awaiting_approval")


def test_report_is_served_without_any_rights(run: LocalRun, console: Console, tmp_path: Path, fmops: Fmops) -> None:
    [record] = Reader(run.target).runs()

    answer = console.answer(Request("GET", f"/runs/{record['run_id']}/report", HOST, b""))

    policy, text = answer.headers["Content-Security-Policy"], answer.body.decode()
    assert policy.startswith("sandbox; default-src 'none'")
    assert "<h1>Evaluation" in text
    file = tmp_path / "report.html"
    assert fmops("report", record["run_id"], "--html", str(file)).code == 0
    assert file.read_text() == text


def test_mail_is_shown_with_its_links(run: LocalRun, get: Get) -> None:
    mail = next(mail for mail in run.aws.mailbox.messages(APPROVER) if "/approvals/" in mail.text)

    page = get(f"/mail/{mail.number}")

    link = re.search(r'<a href="(http://127\.0\.0\.1:\d+/approvals/[^"]+)" target="_blank"', page)
    assert link is not None
    assert link[1] in mail.text
    assert "May tuned serve trivia?" in page


def test_watch_tells_the_run_to_its_end(run: LocalRun, fmops: Fmops) -> None:
    [record] = Reader(run.target).runs()
    arn = record["execution_arn"]
    run.target.client("stepfunctions").stop_execution(executionArn=arn, error="Enough", cause="for a test")

    said, lines = fmops("watch", record["run_id"]), fmops("watch", record["run_id"], "--json")

    assert said.code == 1
    assert f"{record['run_id']}: aborted" in said.out
    assert json.loads(lines.out.splitlines()[0])["state"].startswith("aborted")
    assert any("training completed" in line for line in said.out.splitlines())


def test_run_of_a_person_is_another_run(run: LocalRun, fmops: Fmops) -> None:
    before = len(Reader(run.target).executions("evaluation"))

    started = json.loads(fmops("run", "trivia", "--json").out)

    assert started["dataset"] == {"name": "trivia", "version": "v1"}
    assert len(Reader(run.target).executions("evaluation")) == before + 1
    run.target.client("stepfunctions").stop_execution(executionArn=started["execution"])


def test_unknown_run_is_named(fmops: Fmops) -> None:
    for command in ("watch", "report"):
        said = fmops(command, "run-nowhere")
        assert said.code == 1
        assert said.err == "fmops: there is no run run-nowhere; `fmops runs` lists them\n"


def test_dashboard_is_drawn_from_the_deployed_body_with_real_metrics(get: Get) -> None:
    eventually(lambda: "evaluation, 20" in get("/"))

    page = get("/")

    assert "Share of toxic answers" in page
    assert "fmops-monitor-silent" in page
    assert re.search(r'<svg class="chart"[^>]+aria-label="Journeys started\. Latest values: evaluation: \d', page)


def test_clock_goes_forward_and_a_schedule_runs_by_hand(run: LocalRun, console: Console, get: Get) -> None:
    ahead = run.aws.clock.offset
    invoked = run.aws.schedules.counts.delivered

    console.answer(Request("POST", "/clock", HOST, b"hours=1"))
    console.answer(Request("POST", "/schedules/default/fmops-discover-models", HOST, b""))

    assert run.aws.clock.offset == ahead + 3600
    eventually(lambda: run.aws.schedules.counts.delivered > invoked)
    assert "ahead" in get("/")


def test_alert_is_listed_acknowledged_and_muted_by_commands(run: LocalRun, fmops: Fmops) -> None:
    drift = DriftDetected(
        run_id="watch-1",
        use_case="trivia",
        window="2026-11-24T05:00Z",
        endpoint="e",
        severity="ALARM",
        features=["prompt_words"],
        findings=["prompt words moved"],
        records=60,
    )

    def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(fmops("alerts", "list", "--json").out)
        return [one for one in found if one["reason"] == drift.kind]

    assert "trivia is muted until" in fmops("alerts", "mute", "trivia", "--hours", "2", "--reason", "test").out
    Emitter(run.target.client("events"), run.target.output("BusName")).emit(drift)
    (alert,) = eventually(listed)
    assert alert["told_at"] is None
    assert "trivia: drift in prompt_words" in fmops("alerts", "list").out

    assert "is not muted" in fmops("alerts", "unmute", "trivia").out
    run.aws.schedules.fire("fmops-follow-up-alerts", "default")
    eventually(lambda: listed()[0]["told_at"])
    assert "is acknowledged by ann" in fmops("alerts", "acknowledge", alert["alert_id"], "--by", "ann").out
    assert listed()[0]["status"] == "acknowledged"
    unknown = fmops("alerts", "acknowledge", "alert-0123456789ab")
    assert (unknown.code, "there is no alert alert-0123456789ab" in unknown.err) == (1, True)


@pytest.mark.parametrize(
    "title, said",
    [
        ("What waits for a person?", "trivia: drift in prompt_words"),
        ("What changed in the traffic?", "No window was judged yet."),
        ("What changed in the models?", "winner"),
    ],
)
def test_custom_widget_is_drawn_by_the_deployed_function(get: Get, title: str, said: str) -> None:
    [frame] = re.findall(rf'<iframe class="in-dark"[^>]+title="{re.escape(title)}"[^>]+src="([^"]+)"', get("/"))

    drawn = get(frame)

    assert said in drawn
    assert "#e9ebed" in drawn, "the ink of the dark theme"
