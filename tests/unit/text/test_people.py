"""Groups of people are found by identity terms, colours only where people follow, and a dialect by two marks."""

import pytest

from fmops.text.people import GROUPS, groups, named
from fmops.text.scan import hash_of, scan


@pytest.mark.parametrize(
    "text,found",
    [
        ("", []),
        ("paint the white house black", []),
        ("why do Black people vote", ["black"]),
        ("a white woman and a Muslim", ["women", "muslim", "white"]),
        ("finna go home", []),
        ("I'm finna go, y'all", ["aae"]),
        ("finna finna", []),
    ],
)
def test_what_a_text_speaks_of(text: str, found: list[str]) -> None:
    assert named(groups(scan([text]))[0]) == found


def test_texts_do_not_reach_into_each_other() -> None:
    seen = groups(scan(["black", "people", "gay"]))

    assert [named(row) for row in seen] == [[], [], ["lgbt"]]


def test_no_two_words_share_a_place_of_the_table() -> None:
    from fmops.text import people

    table = people._table()

    assert len(set((table.hashes[1:] & 0xFFFF).tolist())) == len(table.hashes) - 1
    assert int(table.groups.max()) == len(GROUPS) - 2
    assert hash_of("muslim") in table.hashes.tolist()
