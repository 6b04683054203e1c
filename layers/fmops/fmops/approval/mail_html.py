"""The HTML part of a mail: inline styles and one link; nothing is fetched, and every value is escaped here."""

from html import escape

_FONT = "font-family:system-ui,-apple-system,Segoe UI,sans-serif;font-size:15px;line-height:1.5"
_CELL = "padding:6px 10px;border-bottom:1px solid #ddd;text-align:left;vertical-align:top"
_BUTTON = (
    "display:inline-block;background:#1f5fbf;color:#ffffff;text-decoration:none;font-weight:600;padding:10px 20px;"
    "border-radius:6px"
)


def page(
    question: str,
    why: str,
    facts: list[tuple[str, str]],
    reasons: list[str],
    table: list[list[str]],
    url: str,
    closing: list[str],
) -> str:
    """One mail. `table` holds rows of cells, the head first; all texts are plain."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{_text(question)}</title></head>\n"
        f'<body style="{_FONT};margin:0;padding:16px"><div style="max-width:640px">\n'
        f'<h1 style="font-size:20px;margin:0 0 8px">{_text(question)}</h1>\n'
        f"<p>{_text(why)}</p>\n"
        f"{_facts(facts, reasons)}\n{_table(table)}\n"
        f'<p><a style="{_BUTTON}" href="{escape(url)}">See the evidence and decide</a></p>\n'
        "<p>Opening the page decides nothing.</p>\n"
        f'<p style="color:#555555;font-size:13px">{"<br>".join(map(_text, closing))}</p>\n'
        "</div></body></html>\n"
    )


def _facts(facts: list[tuple[str, str]], reasons: list[str]) -> str:
    rows = [(name, _text(value)) for name, value in facts]
    if reasons:
        rows.append(("Why", "<br>".join(map(_text, reasons))))
    cells = "".join(
        f'<tr><th scope="row" style="{_CELL}">{_text(name)}</th><td style="{_CELL}">{value}</td></tr>'
        for name, value in rows
    )
    return f'<table style="border-collapse:collapse;{_FONT}">{cells}</table>'


def _table(table: list[list[str]]) -> str:
    if not table:
        return ""
    head = "".join(f'<th scope="col" style="{_CELL}">{_text(cell)}</th>' for cell in table[0])
    rows = "".join(
        "<tr>" + "".join(f'<td style="{_CELL}">{_text(cell)}</td>' for cell in row) + "</tr>" for row in table[1:]
    )
    return f'<table style="border-collapse:collapse;margin-top:16px;{_FONT}"><tr>{head}</tr>{rows}</table>'


def _text(text: str) -> str:
    # A right-to-left name must not turn the line around it.
    return f"<bdi>{escape(text)}</bdi>"
