"""What Bedrock's tokens cost, from a table with a date. Unknown is unknown, never 0."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from fmops.usecases.candidates import TokenPrice

# Inference profiles are named as their model, behind where they lead: `us.`, `apac.`, `global.`.
_GEOGRAPHY = re.compile(r"^(us|us-gov|eu|apac|jp|au|ca|sa|me|af|global)\.")


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files("fmops.catalog").joinpath("token_prices.json").read_text(encoding="utf-8"))
    return table


def model_behind(model_id: str) -> str:
    """The foundation model's id from its own id or ARN, or from an inference profile's."""
    return _GEOGRAPHY.sub("", model_id.rpartition("/")[2])


def per_million_tokens(model_id: str) -> TokenPrice | None:
    """The price of a model or an inference profile; None where it is not known."""
    model = model_behind(model_id)
    fitting = [name for name in _table()["per_million_tokens"] if model.startswith(name)]
    return TokenPrice.model_validate(_table()["per_million_tokens"][max(fitting, key=len)]) if fitting else None


def dated() -> str:
    """The day of the table."""
    return str(_table()["date"])
