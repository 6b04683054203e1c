"""Where the numbers come from, with every fingerprint."""

from html import escape

from fmops.selection.models import Report
from fmops.selection.report.words import NOT_KNOWN, table, text


def lineage(report: Report) -> str:
    found, shared = report.lineage, _shared(report)
    code = report.details.code if report.details else None
    facts = [
        ("Run", _code(report.run_id)),
        ("Dataset", f"{text(found.dataset)} {text(found.dataset_version)}<br>{_code(found.dataset_digest)}"),
        ("Rows", f"{found.train_rows:,} for training, {found.test_rows:,} scored"),
        *((f"Fingerprint of {_part(part)}", _code(print_)) for part, print_ in shared.items()),
        *((f"Scorer {text(algorithm)}", text(made_by, 400)) for algorithm, made_by in found.scorers.items()),
    ]
    if code:
        facts += [
            ("Code version", _code(code.version) if code.version else "not named at deployment"),
            ("Library that judged", _code(code.library)),
        ]
    return (
        '<section id="lineage"><h2>Where it comes from</h2>'
        f"{table(['What', 'Which'], facts, 'Lineage')}<h3>Jobs and fingerprints of each candidate</h3>"
        f"{table(['Candidate', 'Jobs', 'Fingerprints'], _candidates(report, set(shared)), 'Jobs and fingerprints')}"
        '<p class="hint">Results are compared only where all fingerprints agree that are not the candidate’s own. '
        "From a model package, <code>fmops lineage PACKAGE_ARN</code> finds all of this again.</p></section>"
    )


def _shared(report: Report) -> dict[str, str]:
    """The fingerprints that all candidates have in common: told once."""
    each = [report.lineage.fingerprints.get(candidate.id, {}) for candidate in report.candidates]
    first = each[0] if each else {}
    return {part: print_ for part, print_ in first.items() if all(one.get(part) == print_ for one in each)}


def _candidates(report: Report, shared: set[str]) -> list[list[str]]:
    found = report.lineage
    return [
        [
            text(candidate.id),
            "<br>".join(_code(job) for job in found.jobs.get(candidate.id, [])) or NOT_KNOWN,
            "<br>".join(
                f"<small>{_part(part)}</small> {_code(fingerprint)}"
                for part, fingerprint in found.fingerprints.get(candidate.id, {}).items()
                if part not in shared
            )
            or "none of its own",
        ]
        for candidate in report.candidates
    ]


def _part(name: str) -> str:
    return escape(name.replace("_", " "))


def _code(given: str) -> str:
    return f"<code>{text(given, 400)}</code>"
