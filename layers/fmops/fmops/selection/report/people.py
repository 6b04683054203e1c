"""What people said: how they voted, how far they agree, and what they wrote."""

from html import escape

from fmops.selection.details import PeopleReview, ReviewComment, ReviewedPair
from fmops.selection.models import Report
from fmops.selection.report.drawing import Mark, Scale, axis, interval, scale
from fmops.selection.report.words import interval as words
from fmops.selection.report.words import table, text

# Krippendorff (2004), "Content Analysis", 2nd edition, p. 241: below it not even tentative conclusions.
_RELIABLE = 0.667
_SAID = {"win": ("good", "prefers"), "loss": ("bad", "prefers"), "tie": ("muted", "no preference")}


def people(report: Report) -> str:
    """How people judged the answers; empty where they were not asked to."""
    review = report.details.review if report.details else None
    if review is None:
        return ""
    return (
        '<section id="people"><h2>What people say</h2>'
        f'<p class="hint">{_how(review)}</p>{_preferences(review)}{_votes(review)}{_agreement(review)}'
        f"{_comments(review)}</section>"
    )


def _how(review: PeopleReview) -> str:
    if review.reason:
        return f"Nobody was asked: {text(review.reason, 400)}."
    return (
        f"{review.voted} of {_count(review.invited, 'reviewer')} compared sampled answers without knowing whose they "
        f"are, each with A and B changing sides by chance: {_count(review.votes, 'vote')}. {review.sent} sent the "
        "sheet in; what the others had saved when the time was over counts too."
    )


def _preferences(review: PeopleReview) -> str:
    if not review.pairs:
        return ""
    spans = [pair.preference for pair in review.pairs]
    at = scale([end for span in spans for end in (span.value, span.low, span.high)], around_zero=True)
    rows = "".join(_preference(pair, at) for pair in review.pairs)
    return (
        f'<div class="rows two">{rows}<span class="gap"></span>{axis(at, "+.2g")}<span class="gap"></span></div>'
        '<p class="hint">The share of rows on which it is preferred less the share on which the other is, with 95% '
        "intervals; to the right of the line people prefer the candidate.</p>"
    )


def _preference(pair: ReviewedPair, at: Scale) -> str:
    span = pair.preference
    tone = "muted"
    if span.low is not None and span.high is not None:
        tone = "good" if span.low > 0 else "bad" if span.high < 0 else "muted"
    said = words(span, signed=True)
    label = f"{pair.candidate} against {pair.rival}: {said}"
    drawn = interval(at, span.value, span.low, span.high, [Mark(0, "zero")], tone, label)
    same = f"; on {pair.same} both answers are the same" if pair.same else ""
    return (
        f'<div class="who">{text(pair.candidate)}<small>against {text(pair.rival)}</small></div>{drawn}'
        f'<div class="num">{said}<small>{pair.judged} of {pair.asked} rows judged{same}</small></div>'
    )


def _votes(review: PeopleReview) -> str:
    if not review.votes:
        return ""
    head = ["Candidate", "Against", "Votes for it", "For the other", "Both good", "Both bad"]
    rows = [
        [
            text(pair.candidate),
            text(pair.rival),
            f"{pair.wins:,}",
            f"{pair.losses:,}",
            f"{pair.both_good:,}",
            f"{pair.both_bad:,}",
        ]
        for pair in review.pairs
    ]
    return f"<h3>Votes</h3>{table(head, rows, 'Votes')}"


def _agreement(review: PeopleReview) -> str:
    if not review.votes:
        return ""
    if review.share is None:
        said = "No pair of answers was judged by two people, so nobody can tell how far they agree."
    else:
        pairs = f"{_count(review.items, 'pair')} of answers"
        said = f"Two people say the same in {review.share:.0%} of the cases, over {pairs}"
        said += (
            ". They all said the same, so Krippendorff’s α has no value."
            if review.alpha is None
            else f": Krippendorff’s α is {review.alpha:.2f} (1 is agreement, 0 is chance)."
        )
        if review.alpha is not None and review.alpha < _RELIABLE:
            said += f" From {_RELIABLE} on one usually relies on such judgements."
    return f"<h3>Agreement</h3><p>{said}</p>"


def _comments(review: PeopleReview) -> str:
    if not review.comments:
        return ""
    items = "".join(_comment(comment) for comment in review.comments)
    more = (
        f'<p class="hint">{review.comments_left_out:,} more are kept with the run.</p>'
        if review.comments_left_out
        else ""
    )
    return (
        "<h3>Comments</h3><p class=hint>What looks like an e-mail address, a telephone number, a card or an account "
        f"is masked.</p>{items}{more}"
    )


def _comment(comment: ReviewComment) -> str:
    tone, verb = _SAID[comment.said]
    chosen = {"win": comment.candidate, "loss": comment.rival}.get(comment.said)
    verdict = f"{verb} {text(chosen)}" if chosen else verb
    right = comment.rival if comment.left == comment.candidate else comment.candidate
    return (
        f'<div class="quote {tone}"><small>Reviewer {comment.reviewer}, row {text(comment.row, 80)}: {verdict} '
        f"(A was {text(comment.left)}, B was {text(right)})</small><div dir=auto>{escape(comment.text)}</div></div>"
    )


def _count(number: int, one: str) -> str:
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"
