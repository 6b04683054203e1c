"""How fast candidates answered and what that cost, as a table for people. Unknown is shown as unknown."""

from typing import Any

from rich.table import Table

_UNKNOWN = "unknown"


def performance(candidates: list[dict[str, Any]]) -> Table | None:
    """From the ledger's records of a run's candidates; None where nothing was measured yet."""
    measured = [record for record in candidates if (record.get("performance") or {}).get("answers") is not None]
    if not measured:
        return None
    table = Table(
        "candidate", "p50", "p95", "tokens in", "tokens out", "1,000 answers", "answers", "asked anew", box=None
    )
    for record in measured:
        found = record["performance"]
        table.add_row(
            record["id"],
            _shown(found["latency_p50_ms"], "{:,.0f} ms"),
            _shown(found["latency_p95_ms"], "{:,.0f} ms"),
            _shown(found["input_tokens"], "{:,.0f}"),
            _shown(found["output_tokens"], "{:,.0f}"),
            _shown(found["usd_per_1000"], "{:,.4f} USD"),
            str(found["answers"]),
            str(found["answers"] - found["reused"]),
        )
    return table


def _shown(value: float | None, form: str) -> str:
    return _UNKNOWN if value is None else form.format(value)
