"""What people said, as the report shows it."""

from typing import Any

from fmops.selection.details import PeopleReview, ReviewComment
from fmops.selection.models import Report
from fmops.selection.page import page
from fmops.selection.report.people import people
from tests.fakes.report import report, review


def showing(**changes: Any) -> Report:
    made = report()
    assert made.details is not None
    return made.model_copy(update={"details": made.details.model_copy(update={"review": review(**changes)})})


def test_a_report_without_a_review_has_no_section() -> None:
    assert people(report()) == ""
    assert 'href="#people"' not in page(report())
    assert 'href="#people"' in page(showing())


def test_preference_votes_agreement_and_comments_are_told() -> None:
    section = people(showing())

    assert "llama-3b-tuned against champion: +0.300 (+0.080 to +0.500)" in section
    assert "38 of 38 rows judged; on 2 both answers are the same" in section
    assert "Krippendorff’s α is 0.48" in section
    assert "From 0.667 on one usually relies on such judgements" in section
    assert "(A was <bdi>champion</bdi>, B was <bdi>llama-3b-tuned</bdi>)" in section


def test_agreement_that_could_not_be_known_says_why() -> None:
    assert "nobody can tell how far they agree" in people(showing(alpha=None, share=None, items=0))
    assert "They all said the same" in people(showing(alpha=None, share=1.0))


def test_a_review_in_which_nobody_was_asked_says_why() -> None:
    nobody = PeopleReview(
        invited=2, reviewers=0, voted=0, sent=0, votes=0, reason="none has <confirmed>", alpha=None, share=None, items=0
    )

    made = report()
    assert made.details is not None
    section = people(made.model_copy(update={"details": made.details.model_copy(update={"review": nobody})}))

    assert "Nobody was asked: <bdi>none has &lt;confirmed&gt;</bdi>." in section
    assert "<table" not in section


def test_a_hostile_comment_stays_text() -> None:
    comment = ReviewComment(
        row="r", reviewer=1, candidate="a", rival="b", said="win", left="a", text="</div><script>alert(1)</script>"
    )

    assert "&lt;script&gt;" in people(showing(comments=[comment]))
    assert "<script" not in people(showing(comments=[comment]))
