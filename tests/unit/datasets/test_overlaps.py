"""Test rows that training saw are found: word for word, or nearly so."""

import json
import random
from pathlib import Path

import pytest

from fmops.datasets.models import Overlap, Row
from fmops.datasets.overlaps import OverlapFinder
from fmops.datasets.quality import TEST, TRAIN, Profile, Read
from tests.unit.datasets.test_quality import manifest

DRAW = random.Random(2)  # noqa: S311
WORDS = [f"word{n}" for n in range(2_000)]
TRAINED = [" ".join(DRAW.choices(WORDS, k=14)) for _ in range(300)]


def overlaps(train: list[Row], test: list[Row]) -> list[Overlap]:
    profile, finder = Profile(manifest()), OverlapFinder()
    for side, rows in ((TRAIN, train), (TEST, test)):
        for row in rows:
            profile.add(Read.of(row), side)
            finder.add(Read.of(row), side)
    return finder.finish(profile)


def seen(question: str, target: str = "the answer", context: str | None = None) -> Overlap | None:
    """The overlap of one test row with 300 training rows."""
    train = [Row(id=f"t{n}", input=text, target="the answer", context=context) for n, text in enumerate(TRAINED)]
    found = overlaps(train, [Row(id="q", input=question, target=target, context=context)])
    return found[0] if found else None


def changed(text: str, **words: str) -> str:
    """The text with the words at these places (`at3`) replaced."""
    parts = text.split()
    for place, word in words.items():
        parts[int(place.removeprefix("at"))] = word
    return " ".join(parts)


@pytest.mark.parametrize("question", [TRAINED[7], TRAINED[7].upper(), f"  “{TRAINED[7]}”?!"])
def test_a_row_that_reads_the_same_is_exact(question: str) -> None:
    assert seen(question, target="whatever") == Overlap(test="q", train="t7", similarity=1, exact=True)


@pytest.mark.parametrize(
    "question",
    [
        changed(TRAINED[7], at6="other"),
        changed(TRAINED[7], at0="other", at13="other"),
        TRAINED[7] + " please tell me now",
        " ".join(TRAINED[7].split()[2:]),
    ],
)
def test_a_row_that_reads_nearly_the_same_is_near(question: str) -> None:
    found = seen(question)

    assert found is not None
    assert (found.train, found.exact) == ("t7", False)
    assert 0.5 <= found.similarity < 1


def test_another_row_is_not_found() -> None:
    assert seen(" ".join(reversed(TRAINED[7].split()))) is None


def test_a_text_without_spaces_is_compared_too() -> None:
    text = "光を熱なしに作り出す化学的な過程は何と呼ばれていますか"
    train, test = Row(id="t", input=text, target="発光"), Row(id="q", input=text[:-5] + "いますか", target="発光")

    (found,) = overlaps([train], [test])

    assert not found.exact
    assert found.similarity > 0.5


def test_questions_of_one_template_are_told_apart_by_what_they_ask() -> None:
    def row(name: str, number: int) -> Row:
        country, city = WORDS[number], WORDS[number + 1_000]
        question = f"What is the capital of {country}, and how many people live there today?"
        return Row(id=f"{name}{number}", input=question, target=city)

    assert overlaps([row("t", n) for n in range(70)], [row("q", n) for n in range(70, 100)]) == []


def test_a_shared_passage_is_seen() -> None:
    passage = " ".join(DRAW.choices(WORDS, k=120))
    train = Row(id="t", input="who came first", target="a", context=passage)

    (found,) = overlaps([train], [Row(id="q", input="why did they leave", target="b", context=passage)])

    assert found.similarity > 0.8


def test_a_rare_question_is_exact_only_with_its_passage() -> None:
    train = Row(id="t", input="What happened then?", target="a", context=TRAINED[0])

    assert overlaps([train], [Row(id="q", input="What happened then?", target="b", context=TRAINED[1])]) == []


def test_the_most_alike_come_first() -> None:
    train = [Row(id=f"t{n}", input=text, target="x") for n, text in enumerate(TRAINED)]
    test = [
        Row(id="a", input=changed(TRAINED[1], at6="other"), target="x"),
        Row(id="b", input=TRAINED[2], target="x"),
        Row(id="c", input=changed(TRAINED[3], at13="other"), target="x"),
    ]

    assert [(found.test, found.train) for found in overlaps(train, test)] == [("b", "t2"), ("c", "t3"), ("a", "t1")]


def test_the_demonstrations_data_is_clean(repo: Path) -> None:
    folder = repo / ".local/assets/data/word-problems"
    if not folder.is_dir():
        pytest.skip("`make setup` has not cut the demonstration's data yet")
    sides = [
        [Row.model_validate(json.loads(line)) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        for name in ("train", "test")
    ]

    assert overlaps(*sides) == []
