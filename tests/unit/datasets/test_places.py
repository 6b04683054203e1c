"""An object's key says which dataset it belongs to."""

import pytest

from fmops.datasets.places import inbox_place, manifest_place, slug


def test_a_manifest_names_dataset_and_version() -> None:
    place = manifest_place("datasets/trivia/v3/manifest.json")

    assert place is not None
    assert (place.name, place.version, place.folder) == ("trivia", "v3", "datasets/trivia/v3/")


@pytest.mark.parametrize(
    "key", ["datasets/trivia/v3/train.jsonl", "manifest.json", "datasets/a/b/c/manifest.json", "inbox/manifest.json"]
)
def test_other_objects_are_no_manifests(key: str) -> None:
    assert manifest_place(key) is None


@pytest.mark.parametrize(
    "key,name",
    [
        ("inbox/trivia/new.jsonl", "trivia"),
        ("inbox/trivia.jsonl", "trivia"),
        ("inbox/My Data (1).jsonl", "my-data-1-99dd81"),
    ],
)
def test_a_lone_file_gets_its_dataset_from_its_folder_or_its_name(key: str, name: str) -> None:
    place = inbox_place(key)

    assert place is not None
    assert place.name == name


@pytest.mark.parametrize("text", ["ä" * 300, "a" * 300, "+ +", "-", "A", "名前"])
def test_any_text_gives_a_valid_name(text: str) -> None:
    assert 1 <= len(slug(text)) <= 40
    assert slug(slug(text)) == slug(text)
    assert slug(text) != slug(text + "x")
