"""What is no fault is reported by row, without any row's text."""

from typing import Any

from fmops.datasets.models import Manifest, QualityReport, Row
from fmops.datasets.overlaps import OverlapFinder
from fmops.datasets.quality import TEST, TRAIN, Profile, Read


def manifest(**members: Any) -> Manifest:
    return Manifest.model_validate(
        {
            "name": "trivia",
            "version": "v1",
            "task": "question_answering",
            "columns": {"input": "input", "target": "target"},
            "files": [{"path": "a.jsonl", "sha256": "0" * 64}],
            **members,
        }
    )


def report(train: list[dict[str, Any]], test: list[dict[str, Any]] | None = None, **members: Any) -> QualityReport:
    profile, finder = Profile(manifest(**members)), OverlapFinder()
    for side, prefix, rows in ((TRAIN, "t", train), (TEST, "q", test or [])):
        for number, row in enumerate(rows):
            read = Read.of(Row(**{"id": f"{prefix}{number}", "target": "yes", **row}))
            profile.add(read, side)
            finder.add(read, side)
    return profile.report(finder.finish(profile))


def test_rows_that_ask_the_same_are_duplicates_and_other_answers_are_named() -> None:
    found = report([{"input": "Who?"}, {"input": "WHO"}, {"input": "Why?"}, {"input": " who?! ", "target": "no"}])

    assert found.duplicates.same.count == 2
    assert found.duplicates.same.examples == ["t1 = t0", "t3 = t0"]
    assert found.duplicates.with_other_targets.examples == ["t3 = t0"]


def test_the_same_question_on_both_sides_is_no_duplicate_but_an_overlap() -> None:
    found = report([{"input": "Who?"}], [{"input": "Who"}])

    assert found.duplicates.same.count == 0
    assert found.overlaps.exact == 1
    assert found.overlaps.examples[0].model_dump() == {"test": "q0", "train": "t0", "similarity": 1, "exact": True}


def test_lengths_far_out_are_outliers() -> None:
    found = report([{"input": "x" * (20 + n % 5)} for n in range(50)] + [{"input": "x" * 500}])

    assert found.input_characters is not None
    assert (found.input_characters.least, found.input_characters.median, found.input_characters.most) == (20, 22, 500)
    assert found.input_characters.outliers.examples == ["t50"]


def test_rows_without_a_target_are_counted() -> None:
    found = report([{"input": "Tell me.", "target": None}, {"input": "More."}], task="open_ended")

    assert found.without_target == 1
    assert found.target_characters is not None
    assert found.target_characters.least == 3


def test_languages_are_mixed() -> None:
    found = report(
        [{"input": "What is the name of the river?"}] * 2 + [{"input": "Wie heißt der Fluss und die Stadt?"}]
    )

    assert found.languages == {"en": 2, "de": 1}


def test_personal_data_is_counted_and_never_repeated() -> None:
    found = report(
        [{"input": "Write to ann@example.com or bob@example.com"}, {"input": "Why?", "target": "+49 30 1234567"}]
    )

    assert found.pii == {"email": 1, "phone": 1}
    assert found.rows_with_pii.examples == ["t0", "t1"]
    assert "example.com" not in found.model_dump_json()


def test_groups_on_both_sides_are_named() -> None:
    found = report([{"input": "a b", "group": "g"}, {"input": "c d", "group": "h"}], [{"input": "e f", "group": "g"}])

    assert found.groups is not None
    assert (found.groups.count, found.groups.largest, found.groups.on_both_sides.examples) == (2, 2, ["g"])


def test_labels_are_counted_for_a_classification_only() -> None:
    rows = [{"input": f"text {n}", "target": "good" if n % 3 else "bad"} for n in range(6)]

    assert report(rows, task="classification").labels == {"good": 4, "bad": 2}
    assert report(rows).labels == {}


def test_a_row_goes_with_its_content_and_not_with_its_id() -> None:
    first, second = Read.of(Row(id="1", input="Who?", target="a")), Read.of(Row(id="2", input=" WHO", target="b"))
    grouped = Read.of(Row(id="3", input="Why?", target="a", group="g")), Read.of(Row(id="4", input="How?", group="g"))

    assert first.split_key == second.split_key
    assert grouped[0].split_key == grouped[1].split_key
