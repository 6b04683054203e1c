"""People's review, step by step: asked once, blind, kept as they go, counted when all are done or the time is over."""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pyarrow.parquet as pq
import pytest

from fmops.audit import records as audit_records
from fmops.audit.chain import Step
from fmops.core import clock, wiring
from fmops.core.artifacts import Location
from fmops.evaluation.reviews import records, telling
from fmops_cli import audit
from fmops_cli.target import Target
from tests.fakes.run import rows
from tests.integration.account import ARTIFACTS, TABLE
from tests.integration.evaluation.conftest import RUN, Evaluation
from tests.integration.evaluation.review_desk import ANN, BOB, METRICS, ReviewDesk

TEST_ROWS = [row["id"] for row in rows("test", 40)]


@pytest.fixture
def desk(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> ReviewDesk:
    return ReviewDesk(evaluation, monkeypatch)


@pytest.fixture
def asked(desk: ReviewDesk) -> ReviewDesk:
    desk.plan()
    desk.confirm(ANN, BOB)
    desk.ask()
    return desk


def test_each_reviewer_gets_one_mail_with_a_link_of_their_own_and_no_text_of_an_answer(asked: ReviewDesk) -> None:
    (to_ann,), (to_bob,) = asked.mails(ANN), asked.mails(BOB)

    assert to_ann != to_bob
    assert "24 pairs of answers" in to_ann
    for word in ("says", "What is", "tuned", "base", "token-1"):
        assert word not in to_ann
    assert asked.evaluation.record("RUN")["status"] == "awaiting_review"


def test_a_retry_asks_nobody_twice_and_shows_the_same_sheet(asked: ReviewDesk) -> None:
    before = asked.sheet
    asked.mails(ANN)

    asked.ask("token-2")

    assert asked.mails(ANN) == []
    assert asked.sheet == before
    assert asked.evaluation.record("REVIEW")["task_token"] == "token-2"


def test_pages_and_links_are_blind(desk: ReviewDesk) -> None:
    desk.plan()
    for candidate in ("base", "tuned"):
        desk.answers(candidate, {row: f"{len(candidate)} of {n}" for n, row in enumerate(TEST_ROWS)})
    desk.confirm(ANN)
    desk.ask()
    token = desk.link(ANN)

    pages = [desk.open(token, str(number))["body"] for number in range(1, 25)] + [desk.open(token, "end")["body"]]

    known = [pages[0], *(re.sub(r"<style>.*?</style>", "", page, flags=re.S) for page in pages)]
    for secret in ("base", "tuned", "test-0", desk.sheet.seed, token, "token-1"):
        assert not [page for page in known if secret in page], secret
    sides = {("A" if page.index("4 of") < page.index("Answer B") else "B") for page in pages[:24]}
    assert sides == {"A", "B"}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_a_page_changes_nothing(asked: ReviewDesk, method: str) -> None:
    token = asked.link(ANN)
    before = asked.account.records(f"RUN#{RUN}")

    for item in ("", "3", "end", "99", "x", "-1"):
        assert asked.open(token, item, method)["statusCode"] == 200

    assert asked.account.records(f"RUN#{RUN}") == before


def test_a_reviewer_stops_goes_on_where_they_were_and_changes_a_vote(asked: ReviewDesk) -> None:
    token = asked.link(ANN)
    asked.vote_by_page(token, "tuned", most=3, comment="ask ann@example.org <b>")

    assert "Question 4 of 24" in asked.open(token)["body"]
    again = asked.open(token, "2")["body"]
    assert "You said" in again
    assert "ask [email] &lt;b&gt;" in again
    item = re.findall(r'name="item" value="(\w+)"', again)[0]
    answer = asked.post(token, action="save", item=item, choice="both_bad")

    assert answer["headers"]["location"] == "?item=4"
    ballot = next(r for r in asked.account.records(f"RUN#{RUN}") if r.get("address") == ANN)
    votes = {name: vote for name, vote in ballot.items() if name.startswith("vote_")}
    assert len(votes) == 3
    assert votes[f"vote_{item}"]["choice"] == "both_bad"


def test_a_sheet_that_is_sent_in_takes_no_vote_any_more(asked: ReviewDesk) -> None:
    token = asked.link(ANN)
    asked.vote(ANN, "tuned", most=2)
    item = asked.sheet.items[0].id

    assert asked.post(token, action="send")["statusCode"] == 303
    answer = asked.post(token, action="save", item=item, choice="left")

    assert answer["statusCode"] == 409
    assert "sent in before" in answer["body"]
    assert "Thank you" in asked.open(token)["body"]
    assert "<form" not in asked.open(token, "1")["body"]
    assert asked.evaluation.states.successes == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "save", "choice": "left", "item": "0000000000000000"}, 422),
        ({"action": "save", "choice": "sideways"}, 422),
        ({"action": "save"}, 422),
        ({"action": "drop"}, 422),
        ({}, 422),
    ],
)
def test_a_form_that_misses_something_saves_nothing(asked: ReviewDesk, fields: dict[str, str], status: int) -> None:
    token = asked.link(ANN)

    answer = asked.post(token, **({"item": asked.sheet.items[0].id, "comment": "kept"} | fields))

    assert answer["statusCode"] == status
    assert 'role="alert"' in answer["body"]
    assert "<form" in answer["body"]
    assert asked.count().judgements == []


def test_forged_and_foreign_links_all_get_the_same_answer(asked: ReviewDesk) -> None:
    token = asked.link(ANN)
    payload, _, mac = token.partition(".")
    flipped = ("A" if mac[0] != "A" else "B") + mac[1:]

    answers = [asked.open(forged) for forged in ("", "x", "a.b", f"{payload}.{flipped}")]
    posted = asked.post(f"{payload}.{flipped}", action="send")

    assert {answer["statusCode"] for answer in (*answers, posted)} == {403}
    assert len({answer["body"] for answer in answers}) == 1
    assert asked.evaluation.call("approval/show_approval", **_approval(token))["statusCode"] == 403


def test_the_last_one_to_send_in_resumes_the_execution(asked: ReviewDesk) -> None:
    tokens = {address: asked.link(address) for address in (ANN, BOB)}
    for address, token in tokens.items():
        asked.vote(address, "tuned", comment="clear")
        asked.post(token, action="send")
        asked.post(token, action="send")

    assert [token for token, _ in asked.evaluation.states.successes] == ["token-1"]
    found = asked.count()
    assert (found.voted, found.sent, len(found.judgements)) == (2, 2, 48)
    (pair,) = found.pairs
    assert (pair.wins, pair.losses, pair.judged, pair.asked) == (48, 0, 24, 24)
    # Nobody ever said anything else: that they could have told them apart is not shown.
    assert (found.agreement.alpha, found.agreement.share) == (None, 1.0)


def test_votes_become_a_metric_a_guard_a_section_and_rows_of_the_results(asked: ReviewDesk) -> None:
    for address in (ANN, BOB):
        token = asked.link(address)
        asked.vote_by_page(token, "tuned", comment=f"better </script> call +1 202 555 0143 {address}")
        asked.post(token, action="send")
    asked.count()

    report = asked.compare()

    assert report["decision"]["verdict"] == "PROMOTE"
    tuned = next(c for c in report["candidates"] if c["id"] == "tuned")
    assert (tuned["metrics"]["human_win_rate"]["value"], tuned["metrics"]["human_win_rate"]["n"]) == (1, 24)
    assert report["differences"]["human_win_rate"]["value"] == 1
    assert report["differences"]["human_win_rate"]["low"] > 0.7
    assert any(c["metric"] == "human_win_rate" and c["what"] == "guard" for c in report["decision"]["checks"])
    assert report["lineage"]["scorers"]["people"].startswith("2 of 2 reviewers, sheet sha256:")
    html = asked.evaluation.file("report.html").decode()
    assert "What people say" in html
    assert "call [phone] [email]" in html
    assert "</script>" not in html
    day = asked.evaluation.record("RUN")["created_at"][:10]
    place = Location(ARTIFACTS, f"results/day={day}/{RUN}/tuned/people.parquet")
    table = pq.read_table(io.BytesIO(wiring.store().read(place))).to_pylist()
    assert len(table) == 24
    assert {(row["metric"], row["value"], row["candidate_id"]) for row in table} == {("human_win_rate", 1.0, "tuned")}


def test_people_who_prefer_the_other_reject_what_scores_promote(asked: ReviewDesk) -> None:
    for address in (ANN, BOB):
        token = asked.link(address)
        asked.vote(address, "base")
        asked.post(token, action="send")
    asked.count()

    decision = asked.compare()["decision"]

    assert (decision["verdict"], decision["leader"]) == ("REJECT", "tuned")
    assert "people prefer tuned to base by -1.000" in decision["sentence"]


def test_what_was_saved_when_the_time_is_over_counts(asked: ReviewDesk, later: Callable[[timedelta], None]) -> None:
    token = asked.link(ANN)
    asked.vote(ANN, "tuned", most=21)

    later(timedelta(days=3, seconds=1))

    assert asked.open(token)["statusCode"] == 410
    assert asked.post(token, action="send")["statusCode"] == 410
    found = asked.count()
    assert (found.voted, found.sent, len(found.judgements)) == (1, 0, 21)
    tuned = next(c for c in asked.compare()["candidates"] if c["id"] == "tuned")
    assert (tuned["metrics"]["human_win_rate"]["n"], tuned["metrics"]["human_win_rate"]["missing"]) == (21, 3)


def test_too_few_votes_never_pass_and_say_so(asked: ReviewDesk) -> None:
    asked.vote(ANN, "tuned", most=6)
    asked.count()

    decision = asked.compare()["decision"]

    assert (decision["verdict"], decision["winner"]) == ("INCONCLUSIVE", None)
    assert "people judged 6 of 24 sampled rows of tuned; the use case asks for 20" in decision["reasons"]


def test_no_vote_at_all_never_passes_and_says_so(asked: ReviewDesk) -> None:
    asked.count()

    report = asked.compare()

    assert report["decision"]["verdict"] == "INCONCLUSIVE"
    assert "people judged none of its answers" in " ".join(report["decision"]["reasons"])
    assert "people" in report["lineage"]["scorers"]


def test_nobody_confirmed_goes_on_at_once_and_says_why(desk: ReviewDesk) -> None:
    desk.plan()

    desk.ask()

    assert [token for token, _ in desk.evaluation.states.successes] == ["token-1"]
    assert "none of the 2 reviewers has confirmed" in desk.count().reason
    report = desk.compare()
    assert report["decision"]["verdict"] == "INCONCLUSIVE"
    assert "Nobody was asked" in desk.evaluation.file("report.html").decode()


def test_a_review_without_a_rule_is_shown_and_decides_nothing(desk: ReviewDesk) -> None:
    desk.plan(metrics=METRICS[:2])
    desk.confirm(ANN, BOB)
    desk.ask()
    desk.vote(ANN, "base")
    desk.count()

    report = desk.compare()

    assert report["decision"]["verdict"] == "PROMOTE"
    assert report["details"]["review"]["pairs"][0]["losses"] == 24


def test_answers_that_are_the_same_are_ties_that_nobody_is_asked_about(desk: ReviewDesk) -> None:
    desk.plan()
    for candidate in ("base", "tuned"):
        same = {row: f"same {n}" if n % 2 else f"{candidate} says {n}" for n, row in enumerate(TEST_ROWS)}
        desk.answers(candidate, same)
    desk.confirm(ANN)
    desk.ask()
    asked = len(desk.sheet.items)

    desk.vote(ANN, "tuned", most=asked // 2)
    (pair,) = desk.count().pairs

    assert pair.same == 24 - asked
    assert sorted(set(pair.scores.values())) == [0, 1]
    # In proportion: of the same answers only as many count as of the others were judged.
    assert sum(score == 0 for score in pair.scores.values()) == round(pair.same * (asked // 2) / asked)


def test_when_all_answers_are_the_same_nobody_is_asked(desk: ReviewDesk) -> None:
    desk.plan()
    for candidate in ("base", "tuned"):
        desk.answers(candidate, dict.fromkeys(TEST_ROWS, "the same"))
    desk.confirm(ANN, BOB)

    desk.ask()

    assert desk.mails(ANN) == []
    assert [token for token, _ in desk.evaluation.states.successes] == ["token-1"]
    found = desk.count()
    assert "the same on every sampled row" in found.reason
    assert set(found.pairs[0].scores.values()) == {0}


def test_an_answer_that_never_came_is_shown_as_such(desk: ReviewDesk) -> None:
    desk.plan()
    desk.answers("tuned", dict.fromkeys(TEST_ROWS))
    desk.confirm(ANN)
    desk.ask()

    assert "(no answer)" in desk.open(desk.link(ANN), "1")["body"]


def test_an_execution_that_could_not_be_told_is_told_by_the_reconciler(asked: ReviewDesk) -> None:
    for address in (ANN, BOB):
        token = asked.link(address)
        asked.vote(address, None)
        if address == BOB:
            asked.evaluation.states.broken = 1
        assert asked.post(token, action="send")["statusCode"] == 303
    assert asked.evaluation.states.successes == []

    told = [telling.retry(asked.evaluation.states, wiring.ledger(), clock.now()) for _ in range(2)]

    assert told == [1, 0]
    assert [token for token, _ in asked.evaluation.states.successes] == ["token-1"]


def test_counting_twice_gives_the_same(asked: ReviewDesk) -> None:
    asked.vote(ANN, "tuned", most=5)

    assert asked.count() == asked.count()


def test_who_voted_is_in_the_ledger(asked: ReviewDesk) -> None:
    asked.vote(ANN, "tuned", most=1)
    asked.post(asked.link(BOB), action="send")
    asked.count()

    found = {r["address"]: r for r in asked.account.records(f"RUN#{RUN}") if "address" in r}

    assert (found[ANN]["status"], found[BOB]["status"]) == ("closed", "sent")
    assert (found[ANN]["identity"], bool(found[BOB]["sent_at"])) == ("mailbox", True)
    assert ANN not in asked.evaluation.file("review/result.json").decode()


def _approval(token: str) -> dict[str, object]:
    return {
        "requestContext": {"http": {"method": "GET", "path": f"/approvals/{token}"}},
        "pathParameters": {"token": token},
        "headers": {},
    }


def test_the_votes_are_in_the_audit_and_one_that_is_changed_after_it_is_found(asked: ReviewDesk) -> None:
    asked.vote(ANN, "tuned")
    asked.vote(BOB, "tuned")
    result = asked.count()
    outputs = {"ArtifactsBucketName": ARTIFACTS, "LedgerName": TABLE}
    target = Target(name="fmops", outputs=outputs, client=wiring.client, local=True)

    (row,) = [row for row in audit_records.rows(wiring.ledger(), RUN) if row.step is Step.REVIEW]

    facts = json.loads(row.facts)
    assert (facts["voted"], facts["votes_digest"]) == (2, result.votes_digest)
    assert [named["uri"].rpartition("/")[2] for named in facts["objects"]] == ["sheet.json", "result.json"]
    assert audit._otherwise(target, [row]) == []
    ballot = next(one for one in asked.account.records(f"RUN#{RUN}") if one.get("address") == ANN)
    member, vote = next((name, vote) for name, vote in ballot.items() if name.startswith("vote_"))
    changed = {member: {**vote, "choice": "both_bad"}}
    wiring.ledger().change(records.ballot_key(RUN, ballot["reviewer"]), changed, now=clock.now())
    assert "says otherwise than" in audit._otherwise(target, [row])[0].what


def test_a_review_that_nobody_could_be_asked_for_is_in_the_audit_too(desk: ReviewDesk) -> None:
    desk.plan()
    desk.ask()
    desk.count()

    (row,) = [row for row in audit_records.rows(wiring.ledger(), RUN) if row.step is Step.REVIEW]
    assert json.loads(row.facts)["sheet_digest"] is None
