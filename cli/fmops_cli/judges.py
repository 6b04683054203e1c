"""What `fmops report` tells of a run's judge."""

from collections.abc import Iterator

from fmops.selection.details import JudgedCandidate, JudgeResult, Span


def judged(found: JudgeResult) -> Iterator[str]:
    """A few lines for people."""
    if not found.used:
        yield f"The judge {found.model} was not used: {found.why_not}."
    else:
        beside = f" beside those of {found.reference}" if found.reference else ""
        yield f"The judge {found.model} judged {found.rows} rows{beside}:"
    for one in found.candidates:
        yield f"  {one.candidate}: {_interval(one.score)}, {_counts(one, found)}"
    if found.accuracy and found.used:
        unread = f", {found.known_failed} without a verdict" if found.known_failed else ""
        yield f"  accuracy on {found.known_answers} known answers: {_interval(found.accuracy)}{unread}"
    if found.pairs and found.position_bias:
        yield (
            f"  both orders agreed on {found.agreed} of {found.pairs} pairs; position bias "
            f"{_interval(found.position_bias)}"
        )
    if found.calls is not None:
        cost = "unknown cost" if found.usd is None else f"{found.usd:.4f} USD"
        yield f"  {found.calls} calls, {cost}; {found.reused} verdicts were known"


def _counts(one: JudgedCandidate, found: JudgeResult) -> str:
    missing = f", {one.failed} without a verdict, {one.unanswered} without an answer"
    if found.method == "pairwise":
        return f"{one.wins} won, {one.ties} tied, {one.losses} lost{missing}"
    return ", ".join(f"{count} got {grade}" for grade, count in one.grades.items()) + missing


def _interval(found: Span) -> str:
    if found.value is None:
        return "unknown"
    if found.low is None or found.high is None:
        return f"{found.value:.3f} (no interval)"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"
