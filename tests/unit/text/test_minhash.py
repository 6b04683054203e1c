"""Near duplicates are found among many texts, with the similarity that comparing each with each would give."""

import random

import pytest

from fmops.text.minhash import most_alike
from fmops.text.shingles import KEPT, WORDS, Shingler, Shingles, common, similarity, without

VOCABULARY = [f"word{i}" for i in range(5_000)]


def shingled(texts: list[list[str]]) -> Shingles:
    shingler = Shingler()
    for text in texts:
        shingler.add(text)
    return shingler.finish()


def texts(count: int, words: int, seed: int) -> list[list[str]]:
    draw = random.Random(seed)  # noqa: S311
    return [draw.choices(VOCABULARY, k=words) for _ in range(count)]


def jaccard(first: list[str], second: list[str]) -> float:
    one, other = (
        {tuple(text[i : i + WORDS]) for i in range(max(1, len(text) - WORDS + 1))} for text in (first, second)
    )
    return len(one & other) / len(one | other)


def test_similarity_is_jaccards_over_the_word_trigrams() -> None:
    found = shingled([list("abcde"), list("abcdf"), list("xyz"), ["a"], []])

    # abc bcd cde against abc bcd cdf: two of four.
    assert similarity(found.of(0), found.of(1)) == 0.5
    assert similarity(found.of(0), found.of(2)) == 0
    assert similarity(found.of(3), found.of(3)) == 1
    assert similarity(found.of(4), found.of(4)) == 0


def test_a_long_text_is_compared_by_a_sample() -> None:
    (text,) = texts(1, 3_000, seed=1)
    changed = text[:1_500] + texts(1, 1_500, seed=2)[0]
    found = shingled([text, changed])

    assert len(found.of(0)) == KEPT
    assert similarity(found.of(0), found.of(1)) == pytest.approx(jaccard(text, changed), abs=0.09)


def test_every_near_duplicate_is_found_and_nothing_else() -> None:
    draw = random.Random(3)  # noqa: S311
    first = texts(3_000, 25, seed=4)
    second, planted = texts(1_000, 25, seed=5), {}
    for place in range(0, 1_000, 10):
        origin = draw.randrange(len(first))
        changed = list(first[origin])
        # Two words of the inner ones: 17 to 20 of 23 trigrams stay, a similarity of 0.58 to 0.77.
        for word in draw.sample(range(3, 22), 2):
            changed[word] = "changed"
        second[place], planted[place] = changed, origin

    found = most_alike(shingled(first), shingled(second), 0.5)

    assert {alike.second: alike.first for alike in found} == planted
    for alike in found:
        assert alike.similarity == pytest.approx(jaccard(second[alike.second], first[alike.first]))


def test_the_most_alike_is_named() -> None:
    (origin,) = texts(1, 14, seed=8)
    close, closer = [*origin[:-2], "every", "day"], [*origin[:-1], "now"]

    (found,) = most_alike(shingled([close, closer]), shingled([origin]), 0.4)

    assert found.first == 1


def test_texts_without_words_are_like_nothing() -> None:
    assert most_alike(shingled([[], []]), shingled([[], ["a"]]), 0.4) == []
    assert most_alike(shingled([]), shingled([["a"]]), 0.4) == []
    assert most_alike(shingled([["a"]]), shingled([]), 0.4) == []


def test_what_a_template_repeats_is_no_content() -> None:
    (template,) = texts(1, 11, seed=9)
    rows = [[*template, *words] for words in texts(60, 6, seed=6)]
    found = shingled(rows)

    assert similarity(found.of(0), found.of(1)) > 0.4
    bare = without(found, common(found, more_than=20))
    assert similarity(bare.of(0), bare.of(1)) == 0
    assert bare.texts == 60


def test_what_few_texts_share_is_kept() -> None:
    found = shingled([["a", "b", "c"]] * 20)

    assert len(common(found, more_than=20)) == 0
    assert without(found, common(found, more_than=19)).sizes.tolist() == [0] * 20


def test_many_copies_of_one_text_do_not_multiply_the_work() -> None:
    same = [["one", "and", "the", "same", "text"]] * 8_000

    found = most_alike(shingled(same), shingled(same[:1_000]), 0.5)

    assert len(found) == 1_000


def test_the_order_of_chunks_does_not_matter() -> None:
    # More tokens than one chunk holds.
    many = texts(12_000, 40, seed=7)
    found = shingled(many)

    assert found.texts == 12_000
    assert found.of(11_999).tolist() == shingled([many[11_999]]).of(0).tolist()
