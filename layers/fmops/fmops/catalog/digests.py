"""Tells a team of the new models that it is interested in and that start no run: each once, in one mail a look."""

from collections.abc import Sequence
from datetime import datetime

from fmops.core.events import Emitter, ModelsNoticed, NoticedModel
from fmops.core.ids import short_hash
from fmops.core.ledger import Key, Ledger
from fmops.usecases.interest import Noticed

KIND = "digest"
_LISTED = 100
"""So many models are described in one mail."""


def tell(
    ledger: Ledger,
    emitter: Emitter,
    catalogue: str,
    use_case: str,
    noticed: Sequence[Noticed],
    evaluated: list[str],
    now: datetime,
) -> bool:
    """Whether there was anything that the team had not been told: a look that was cut short comes again."""
    pk = f"USECASE#{use_case}"
    digests = ledger.records(pk, "DIGEST#")
    told = {name for record in digests if record["hub"] == catalogue for name in record["names"]}
    news = [one for one in noticed if one.model.name not in told]
    if not news:
        return False
    names = [one.model.name for one in news]
    event = ModelsNoticed(
        run_id="",
        use_case=use_case,
        hub=catalogue,
        count=len(news),
        models=[
            NoticedModel(**one.model.model_dump(exclude={"obstacle", "task", "unreadable"}), why=one.why)
            for one in news[:_LISTED]
        ],
        evaluated=evaluated,
    )
    key = Key(pk, f"DIGEST#{short_hash(catalogue, names, length=16)}")
    ledger.put_new(key, {**event.model_dump(mode="json"), "names": names}, kind=KIND, now=now, emit=event)
    ledger.announce(key, emitter)
    return True
