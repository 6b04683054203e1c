"""People compare answers between the jobs and the comparison: by mail, over HTTP, at their own pace."""

import re
from html import unescape
from typing import Any
from urllib.request import urlopen

from local.demo import people
from tests.journeys.life import APPROVER, SUMS, Life, use_case

ANN, BOB = "ann@example.com", "bob@example.com"
DAY = 24 * 3600
# What the tiny models say is right or wrong, so that reviewers can tell.
_QUESTION = re.compile(r"what is (\d+) plus (\d+)")
_ANSWERS = re.compile(r'<div class="text"[^>]*>([^<]*)</div>')


def reviewed(name: str, **review: Any) -> dict[str, Any]:
    guard = {"name": "human_win_rate", "margin": 0.1}
    metrics = [{"name": "exact_match", "weight": 1}, {"name": "toxicity", "limit": 0.1}, guard]
    return use_case(name, metrics=metrics, review={"reviewers": [ANN, BOB], "items": 24, "days": 2, **review})


def link_of(stack: Life, run_id: str, address: str) -> str:
    (mail,) = stack.until(lambda: stack.mails(run_id, address), 30)
    assert not _QUESTION.search(mail["text"])
    return next(link for link in people.links(mail["text"]) if "/reviews/" in link)


def judge(link: str, most: int = 100) -> int:
    """Vote for the right sum wherever it stands, from page to page as a browser is led; how many votes were given."""
    address = link
    for given in range(most):
        with urlopen(address, timeout=60) as answer:  # noqa: S310 - links of this machine's own mailbox
            page = answer.read().decode()
        item = re.search(r'name="item" value="(\w+)"', page)
        if item is None:
            return given
        asked = _QUESTION.search(page)
        assert asked is not None
        total = str(int(asked[1]) + int(asked[2]))
        _, left, right = [unescape(text).strip() for text in _ANSWERS.findall(page)]
        choice = "left" if left == total else "right" if right == total else "both_bad"
        comment = "sums up" if choice != "both_bad" else ""
        next_page = people.post(address, {"action": "save", "item": item[1], "choice": choice, "comment": comment})
        address = link
        assert "Thank you" not in next_page
    return most


def test_two_reviewers_decide_one_more_metric(stack: Life) -> None:
    stack.save(reviewed("judged"))
    stack.confirm(ANN, BOB)
    stack.drop("inbox/judged/rows.jsonl", SUMS)
    run = stack.run("judged", "awaiting_review")
    assert stack.endpoints() == []
    links = {address: link_of(stack, run["run_id"], address) for address in (ANN, BOB)}

    # Ann stops, and goes on another time by the same link.
    judge(links[ANN], most=5)
    judge(links[ANN])
    people.post(links[ANN], {"action": "send"})
    assert stack.reader.run(run["run_id"])["status"] == "awaiting_review"
    given = judge(links[BOB])
    thanks = people.post(links[BOB], {"action": "send"})

    assert f"Your {given} votes are in" in thanks
    run = stack.run("judged", "awaiting_approval")
    assert (run["verdict"], run["winner"]) == ("PROMOTE", "tuned")
    report = people.open_link(f"{stack.approval_link(run['run_id'])}/report")
    assert "What people say" in report
    assert "2 of 2 reviewers compared sampled answers" in report
    assert "sums up" in report
    tuned = next(c for c in stack.reader.candidates(run["run_id"]) if c["id"] == "tuned")
    assert tuned["metrics"]["human_win_rate"]["value"] > 0.8
    people.approve(stack.approval_link(run["run_id"]), "tuned", "people agree")
    stack.released(run["run_id"])


def test_what_is_saved_when_the_time_is_over_counts_and_too_few_votes_never_pass(stack: Life) -> None:
    stack.save(reviewed("late"))
    stack.confirm(ANN, BOB)
    stack.drop("inbox/late/rows.jsonl", SUMS)
    run = stack.run("late", "awaiting_review")
    link = link_of(stack, run["run_id"], ANN)
    judge(link, most=3)

    stack.aws.clock.advance(2 * DAY + 60)

    run = stack.run("late", "completed")
    assert run["verdict"] == "INCONCLUSIVE"
    assert "the use case asks for 20" in run["sentence"]
    assert stack.ended(run["execution_arn"])["status"] == "SUCCEEDED"
    assert [mail for mail in stack.mails(run["run_id"], APPROVER) if "Approve" in mail["subject"]] == []
