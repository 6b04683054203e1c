"""The two kinds of document that rooms build on.

Their validators are built when one is first used: a function imports many models and uses few, and its start is paid
for by whoever waits. So a member whose default is such a document has a factory: the document itself would be built on
import.
"""

from pydantic import BaseModel, ConfigDict


class Ours(BaseModel):
    """A document of ours: frozen, and a member that we do not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Theirs(BaseModel):
    """A document of AWS': frozen, and members that we do not know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
