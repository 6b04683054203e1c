"""What a reader of `fmops report` learns of the judge: if it counts, what it said, how good it is, what it cost."""

import pytest

from fmops.selection.details import JudgedCandidate, Span
from fmops_cli.judges import judged
from tests.fakes.report import judge


def test_a_judge_that_compares_says_how_often_each_won_and_how_good_it_is() -> None:
    lines = list(judged(judge()))

    assert lines == [
        "The judge us.anthropic.claude-sonnet-4-20250514-v1:0 judged 216 rows beside those of champion:",
        "  llama-3b-tuned: 0.614 [0.561, 0.665], 94 won, 73 tied, 45 lost, 3 without a verdict, 1 without an answer",
        "  llama-8b: 0.521 [0.468, 0.574], 71 won, 81 tied, 62 lost, 2 without a verdict, 0 without an answer",
        "  accuracy on 90 known answers: 0.933 [0.861, 0.975], 2 without a verdict",
        "  both orders agreed on 447 of 519 pairs; position bias 0.041 [-0.004, 0.087]",
        "  1038 calls, 1.2456 USD; 120 verdicts were known",
    ]


def test_a_judge_that_grades_says_which_grades_and_compares_with_nobody() -> None:
    graded = JudgedCandidate(candidate="tuned", score=Span(value=0.7), n=3, grades={3: 1, 5: 2})
    alone = judge(method="rubric", reference=None, candidates=[graded], pairs=0, position_bias=None)

    first, one, *rest = judged(alone)

    assert first.endswith("judged 216 rows:")
    assert one == "  tuned: 0.700 (no interval), 1 got 3, 2 got 5, 0 without a verdict, 0 without an answer"
    assert not [line for line in rest if "orders" in line]


def test_a_judge_that_is_not_believed_says_why_and_claims_no_accuracy() -> None:
    lines = list(judged(judge(used=False, why_not="its accuracy of 0.52 is too low", candidates=[])))

    assert lines[0].endswith("was not used: its accuracy of 0.52 is too low.")
    assert not [line for line in lines if "accuracy on" in line]


def test_one_that_was_never_asked_says_only_that() -> None:
    silent = judge(
        used=False, why_not="its job failed", accuracy=None, candidates=[], pairs=0, position_bias=None, calls=None
    )

    assert list(judged(silent)) == [f"The judge {silent.model} was not used: its job failed."]


@pytest.mark.parametrize(("usd", "said"), [(None, "unknown cost"), (0.0, "0.0000 USD")])
def test_a_price_that_nobody_knows_is_not_nothing(usd: float | None, said: str) -> None:
    assert f"1038 calls, {said}; 120 verdicts were known" in list(judged(judge(usd=usd)))[-1]
