"""The reviewers' pages: server-rendered, without scripts, blind. Every text is escaped here.

They know sides, and nothing that would say which candidate stands on which.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import NamedTuple, Self

from fmops.core.clock import iso
from fmops.core.plain import one_line
from fmops.evaluation.reviews.models import LONGEST_COMMENT, Choice, Item, Vote
from fmops.evaluation.reviews.style import STYLE as STYLE

# Drawn, for a machine without a font of pictures shows boxes.
_UP = (
    '<svg class="thumb" viewBox="0 0 24 24" aria-hidden="true">'
    '<path d="M2 10h4v11H2zM8 21h9.4a2 2 0 0 0 1.9-1.4l2.4-7.5a2 2 0 0 0-1.9-2.6H14l1-5a2 2 0 0 0-3.5-1.7L8 9.5z"/>'
    "</svg>"
)
_DOWN = _UP.replace('class="thumb"', 'class="thumb down"')
_WORDS = {
    Choice.LEFT: (_UP, "A is better"),
    Choice.RIGHT: (_UP, "B is better"),
    Choice.BOTH_GOOD: (_UP * 2, "Both are good, neither is better"),
    Choice.BOTH_BAD: (_DOWN * 2, "Both are bad, neither is better"),
}


class Shown(NamedTuple):
    """An item as one reviewer sees it."""

    id: str
    question: str
    target: str | None
    left: str | None
    right: str | None

    @classmethod
    def of(cls, item: Item, candidate_left: bool) -> Self:
        answers = (item.answer, item.rival_answer) if candidate_left else (item.rival_answer, item.answer)
        return cls(item.id, item.question, item.target, *answers)


class View(NamedTuple):
    """A reviewer's sheet."""

    use_case: str
    until: datetime
    items: Sequence[Shown]
    votes: Mapping[str, Vote]

    @property
    def open(self) -> list[int]:
        """The places of the items that have no vote."""
        return [place for place, shown in enumerate(self.items) if shown.id not in self.votes]


def item(view: View, place: int, *, problem: str = "", comment: str | None = None) -> str:
    """One item with its form.

    `problem` says what was wrong with the form that was sent, `comment` is what was typed into it.
    """
    shown = view.items[place]
    vote = view.votes.get(shown.id)
    typed = comment if comment is not None else vote.comment if vote else ""
    said = f"You said: {_WORDS[vote.choice][1]}. You may change it." if vote else ""
    parts = [
        _top(view, f"Question {place + 1} of {len(view.items)}"),
        "<h1>Which answer is better?</h1>",
        _problem(problem),
        _card("Question", shown.question),
        _card("Expected", shown.target) if shown.target is not None else "",
        f'<div class="pair">{_card("Answer A", shown.left)}{_card("Answer B", shown.right)}</div>',
        f'<p class="hint">{escape(said)}</p>' if said else "",
        _form(shown, vote, typed),
        _others(view, place),
    ]
    return _page(f"Question {place + 1} of {len(view.items)}", "\n".join(part for part in parts if part))


def end(view: View, *, problem: str = "") -> str:
    """The last page: what is still open, and the button that sends the sheet in."""
    still = view.open
    votes = _count(len(view.items) - len(still), "vote", "votes")
    missing = (
        f"<p>{_count(len(still), 'question has', 'questions have')} no vote yet: {_links(still)}. "
        "You may send the sheet in without them; they count for neither side.</p>"
        if still
        else "<p>Every question has your vote.</p>"
    )
    parts = [
        _top(view, "End of the sheet"),
        "<h1>Send it in?</h1>",
        _problem(problem),
        missing,
        "<p>After that your votes can't be changed. Until then you may go back to any question.</p>",
        f'<form method="post"><p><button type="submit" name="action" value="send">Send in {votes}</button></p></form>',
        _others(view, None),
    ]
    return _page("Send it in?", "\n".join(part for part in parts if part))


def thanks(view: View, *, already: bool = False) -> str:
    """What is shown once the sheet is sent in, whatever is opened."""
    given = len(view.items) - len(view.open)
    note = "<p>Nothing was changed: your sheet was sent in before.</p>" if already else ""
    return _page(
        "Thank you",
        f'<h1>Thank you</h1>\n{note}<p role="status">Your {_count(given, "vote is", "votes are")} in. '
        "You may close this page.</p>",
    )


def message(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _top(view: View, where: str) -> str:
    given = len(view.items) - len(view.open)
    until = iso(view.until)
    return (
        f'<div class="top"><span>{escape(where)}</span>'
        f'<progress max="{len(view.items)}" value="{given}" aria-label="Votes given">{given}</progress>'
        f"<span>{given} voted</span><span>for {escape(one_line(view.use_case, 80))}</span>"
        f"<span>open until {until[:10]} {until[11:16]} UTC</span></div>"
    )


def _problem(text: str) -> str:
    return f'<p class="problem" role="alert">{escape(text)}</p>' if text else ""


def _card(title: str, text: str | None) -> str:
    name = title.lower().replace(" ", "-")
    if text is None:
        body = '<p class="none">(no answer)</p>'
    elif not text.strip():
        body = '<p class="none">(an empty answer)</p>'
    else:
        # A long answer scrolls in its own frame, so the frame must be reachable by keyboard.
        body = f'<div class="text" dir="auto" tabindex="0" role="group" aria-labelledby="{name}">{_lines(text)}</div>'
    return f'<section class="card" aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{body}</section>'


def _lines(text: str) -> str:
    """Line by line without control and direction characters: an answer must not turn the page around it."""
    return "\n".join(escape(_plain(line)) for line in text.splitlines())


def _plain(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * min(indent, 40) + one_line(line, 12_000)


def _form(shown: Shown, vote: Vote | None, comment: str) -> str:
    # No action: the form is sent to the page's own address, so the link stands nowhere in the page.
    typed = escape(one_line(comment, LONGEST_COMMENT))
    choices = "".join(_choice(choice, vote is not None and vote.choice is choice) for choice in Choice)
    return f"""<form method="post" autocomplete="off">
<input type="hidden" name="item" value="{escape(shown.id)}">
<fieldset><legend>Your vote</legend>{choices}</fieldset>
<label for="comment">Comment (may be left out)</label>
<textarea id="comment" name="comment" rows="2" maxlength="{LONGEST_COMMENT}">{typed}</textarea>
<p><button type="submit" name="action" value="save">Save and go on</button></p>
</form>"""


def _choice(choice: Choice, checked: bool) -> str:
    thumbs, words = _WORDS[choice]
    state = " checked" if checked else ""
    return (
        f'<label class="choice"><input type="radio" name="choice" value="{choice.value}" required{state}>'
        f"<span>{thumbs} {words}</span></label>"
    )


def _others(view: View, current: int | None) -> str:
    """Every item by its number, and the end."""
    entries = "".join(_entry(view, place, current) for place in range(len(view.items)))
    here = ' aria-current="page"' if current is None else ""
    return (
        f'<nav aria-label="All questions"><ol>{entries}<li><a href="?item=end"{here}>Send in</a></li></ol>'
        '<p class="hint">What is saved is kept: you may close this page and come back by the same link.</p></nav>'
    )


def _entry(view: View, place: int, current: int | None) -> str:
    done = view.items[place].id in view.votes
    here = ' aria-current="page"' if place == current else ""
    said, kind, mark = ("voted", ' class="done"', " ✓") if done else ("no vote yet", "", "")
    label = f"Question {place + 1}, {said}"
    return f'<li><a href="?item={place + 1}"{kind}{here} aria-label="{label}">{place + 1}{mark}</a></li>'


def _links(places: Sequence[int]) -> str:
    return ", ".join(f'<a href="?item={place + 1}">{place + 1}</a>' for place in places)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
