"""Text widgets: a little Markdown, and nothing else."""

import pytest

from local.console.markdown import html


@pytest.mark.parametrize(
    "text, expected",
    [
        ("# fmops\nIs it healthy", "<h3>fmops</h3><p>Is it healthy</p>"),
        ("## a\n\nb\nc", "<h4>a</h4><p>b c</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("**bold** and `**code**`", "<p><strong>bold</strong> and <code>**code**</code></p>"),
        ("[docs](https://example.com/a?b=1&c=2)",
         '<p><a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer">docs</a></p>'),
    ],
)  # fmt: skip
def test_what_dashboards_use_is_drawn(text: str, expected: str) -> None:
    assert html(text) == expected


@pytest.mark.parametrize("text", ["<script>1</script>", "`<b>`", "# <i>", "- <u>", "**<s>**"])
def test_everything_else_is_escaped(text: str) -> None:
    assert all(tag not in html(text) for tag in ("<script", "<b>", "<i>", "<u>", "<s>"))


@pytest.mark.parametrize("link", ["javascript:alert(1)", 'https://x/" onclick="y', "data:text/html,x"])
def test_other_links_stay_text(link: str) -> None:
    assert "<a" not in html(f"[here]({link})")
