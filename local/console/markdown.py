"""Text widgets: the little of Markdown that dashboards use, with everything else escaped."""

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

_HEADING = re.compile(r"(#{1,3})\s+(.*)")
_CODE = re.compile(r"(`[^`]+`)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\((https?://[^)\s\"]+)\)")


def html(text: str, top: int = 3) -> str:
    """Headings, paragraphs, lists, `**bold**`, code and links to web pages. `#` is a heading of the level `top`."""
    lines = [line.strip() for line in text.splitlines()]
    return "".join(part for kind, group in groupby(lines, _kind) for part in _block(kind, list(group), top))


def _kind(line: str) -> str:
    if _HEADING.fullmatch(line):
        return "heading"
    if line.startswith(("- ", "* ")):
        return "list"
    return "text" if line else ""


def _block(kind: str, lines: list[str], top: int) -> Iterator[str]:
    if kind == "heading":
        for line in lines:
            match = _HEADING.fullmatch(line)
            if match:
                level = min(top + len(match[1]) - 1, 6)
                yield f"<h{level}>{_inline(match[2])}</h{level}>"
    elif kind == "list":
        yield f"<ul>{''.join(f'<li>{_inline(line[2:])}</li>' for line in lines)}</ul>"
    elif kind == "text":
        yield f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    return "".join(
        f"<code>{escape(part[1:-1])}</code>" if _CODE.fullmatch(part) else _marked(escape(part))
        for part in _CODE.split(text)
    )


def _marked(escaped: str) -> str:
    bold = _BOLD.sub(r"<strong>\1</strong>", escaped)
    return _LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', bold)
