"""The judge: whether it is used, how good it is, what it said, and what place did to it."""

from html import escape

from fmops.selection.details import JudgedCandidate, JudgeResult, Span
from fmops.selection.models import Report
from fmops.selection.report.words import NOT_KNOWN, amount, interval, share, table, text, usd

_KINDS = {
    "own": "your own pairs",
    "plain": "another row’s answer",
    "injected": "a wrong answer that orders its judge about",
    "long": "a wrong answer in many confident words",
}


def judge(report: Report) -> str:
    """Nothing where the run has no judge."""
    found = report.judge
    if found is None:
        return ""
    return (
        f'<section id="judge"><h2>Judge</h2><p><span class="pill {"good" if found.used else "open"}">'
        f"{'✓ used' if found.used else '? not used'}</span> {_sentence(found)}</p>"
        f"{table(['What', 'Measured'], _facts(found), 'Judge')}{_probes(found)}{_verdicts(found)}</section>"
    )


def _sentence(found: JudgeResult) -> str:
    if not found.used:
        return f"The judge {text(found.model)} was not used: {text(found.why_not, 600)}. Nothing it said counts."
    beside = f" beside those of {text(found.reference)}" if found.reference else ", each alone"
    return f"{text(found.model)} judged the answers to {found.rows:,} rows{beside}."


def _facts(found: JudgeResult) -> list[tuple[str, str]]:
    facts = [("What counts", text(found.criteria, 400))]
    if found.accuracy:
        unread = f"; {found.known_failed:,} without a verdict" if found.known_failed else ""
        measured = f"{share_of(found.accuracy)} on {found.known_answers:,}{unread}"
        facts.append(("Accuracy on known answers", f"{measured}; asked for: surely {found.min_accuracy:g}"))
    if found.pairs:
        facts.append(("Both orders said the same", f"{share(found.agreed / found.pairs)} of {found.pairs:,} pairs"))
    if found.position_bias:
        facts.append(
            ("Position bias", f"{interval(found.position_bias, signed=True)}; above 0 it prefers what is first")
        )
    if found.calls is not None:
        tokens = f"{amount(found.input_tokens)} tokens in, {amount(found.output_tokens)} out"
        facts.append(("Calls", f"{found.calls:,} ({tokens}); {found.reused or 0:,} verdicts were known"))
        facts.append(("Cost", usd(found.usd) if found.usd is not None else NOT_KNOWN))
    if found.job:
        facts.append(("Job", f"<code>{text(found.job)}</code>"))
    if found.fingerprint:
        words = f" (prompt version {text(found.prompt_version or '')})"
        facts.append(("Fingerprint", f"<code>{text(found.fingerprint, 100)}</code>{words}"))
    return facts


def share_of(found: Span) -> str:
    return interval(found) if found.value is not None else NOT_KNOWN


def _probes(found: JudgeResult) -> str:
    if not found.kinds:
        return ""
    rows = [
        (escape(_KINDS.get(one.kind, one.kind)), f"{one.right:,} of {one.probes:,}", f"{one.failed:,}")
        for one in found.kinds
    ]
    return f"<h3>Known answers</h3>{table(['The wrong answer', 'Known', 'No verdict'], rows, 'Known answers')}"


def _verdicts(found: JudgeResult) -> str:
    if not found.candidates:
        return ""
    pairwise = found.method == "pairwise"
    # Three columns: more would not fit a phone.
    head = ["Candidate", *(["Win rate", "Won · tied · lost"] if pairwise else ["Grade from 0 to 1", "Grades 1 to 5"])]
    rows = [
        (
            text(one.candidate),
            f"{interval(one.score)}<br><small>{_judged(one)}</small>",
            _compared(one) if pairwise else " · ".join(f"{one.grades.get(grade, 0):,}" for grade in range(1, 6)),
        )
        for one in found.candidates
    ]
    hint = (
        "A tie is worth one half, and 0.5 is as good as the other. What the two orders disagree about is a tie. "
        if pairwise
        else ""
    )
    return (
        f"<h3>Verdicts</h3>{table(head, rows, 'Verdicts')}"
        f'<p class="hint">{hint}Rows without a verdict count neither for nor against.</p>'
    )


def _judged(one: JudgedCandidate) -> str:
    """How many rows the score is of, and which it is not of."""
    missing = [(one.failed, "without a verdict"), (one.unanswered, "without an answer")]
    return "; ".join([f"{one.n:,} rows", *(f"{count:,} {what}" for count, what in missing if count)])


def _compared(one: JudgedCandidate) -> str:
    same = f"<br><small>{one.equal:,} of the ties: the same answer</small>" if one.equal else ""
    return f"{one.wins:,} · {one.ties:,} · {one.losses:,}{same}"
