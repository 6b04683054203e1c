"""What reviewers see: every answer as text, whatever it holds."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from fmops.evaluation.reviews.models import Choice, Vote
from fmops.evaluation.reviews.page import Shown, View, end, item, thanks

HOSTILE = "</div><script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp.exe & \"quotes\" 'too'"


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.labels: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.labels |= {f"{name}={value}" for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def view(*votes: str, left: str | None = "left answer", right: str | None = "right answer") -> View:
    items = [Shown(f"id{n}", "Which\n  one?", None, left, right) for n in range(3)]
    given = {item: Vote(choice=Choice.LEFT, comment="because", at="2026-11-24T00:00:00Z") for item in votes}
    return View("trivia", datetime(2026, 11, 27, 12, 0, tzinfo=UTC), items, given)


def test_hostile_answers_are_shown_as_text() -> None:
    page = item(view(left=HOSTILE), 0, comment=HOSTILE)

    found = _Reader(page)
    assert not {"script", "img"} & set(found.tags)
    assert "onerror" not in "".join(label for label in found.labels)
    assert "<script>alert(1)</script>" in found.words
    assert "\u202e" not in page


def test_four_choices_a_comment_and_one_button_are_labelled() -> None:
    page = item(view(), 0)

    assert page.count('type="radio"') == 4
    assert page.count("<label") == 5
    assert re.findall(r"<button[^>]*>([^<]*)", page) == ["Save and go on"]


def test_nothing_is_chosen_beforehand_and_what_was_chosen_is_shown() -> None:
    assert " checked" not in item(view(), 0)
    assert item(view("id0"), 0).count(" checked") == 1


@pytest.mark.parametrize(("given", "shown"), [(None, "(no answer)"), ("  ", "(an empty answer)")])
def test_what_is_not_there_is_said(given: str | None, shown: str) -> None:
    assert shown in item(view(right=given), 0)


def test_a_long_answer_is_shown_whole_with_its_lines() -> None:
    long = "\n".join(f"line {n}" for n in range(500))

    assert "line 0\nline 1\n" in item(view(left=long), 0)
    assert "line 499" in item(view(left=long), 0)


def test_the_end_says_what_is_open_and_how_many_votes_go_in() -> None:
    page = end(view("id0"))

    assert "2 questions have no vote yet" in page
    assert "Send in 1 vote<" in page
    assert "Every question has your vote" in end(view("id0", "id1", "id2"))


def test_thanks_has_nothing_to_send() -> None:
    assert "<form" not in thanks(view("id0"))
    assert "Your 1 vote is in" in thanks(view("id0"))


def test_no_page_asks_anything_of_anybody_else() -> None:
    for page in (item(view(), 1), end(view()), thanks(view())):
        assert "http" not in page
        assert "<script" not in page
        assert "action=" not in page.replace('name="action"', "")
