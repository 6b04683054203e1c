"""Mails are text with links."""

import pytest

from local.console.people import Piece, links, pieces


def test_links_are_told_from_the_text_around_them() -> None:
    assert pieces("See http://127.0.0.1:1/a?b=c.\nThen (https://x.example/d) go.") == [
        Piece("See "),
        Piece("http://127.0.0.1:1/a?b=c", "http://127.0.0.1:1/a?b=c"),
        Piece(".\nThen ("),
        Piece("https://x.example/d", "https://x.example/d"),
        Piece(") go."),
    ]


@pytest.mark.parametrize("text", ["javascript:alert(1)", "file:///etc/passwd", "mailto:a@example.com", ""])
def test_other_addresses_are_no_links(text: str) -> None:
    assert links(text) == []


def test_nothing_of_the_text_is_lost() -> None:
    text = 'a http://x/<b> "http://y/\'z" http://'

    assert "".join(piece.text for piece in pieces(text)) == text
