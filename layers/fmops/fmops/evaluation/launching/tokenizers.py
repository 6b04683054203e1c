"""The files of a model's tokenizer, where its weights lie as a folder: the evaluation job reads them alone."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from fmops.core.artifacts import Location, Store, location
from fmops.core.ids import digest
from fmops.serving.models import Artifact

FILES = frozenset(
    {
        "added_tokens.json",
        "chat_template.jinja",
        "config.json",
        "merges.txt",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer.model",
        "tokenizer_config.json",
        "vocab.json",
    }
)
_NEEDED = "tokenizer_config.json"


class TokenizerFiles(NamedTuple):
    """Which files, and what they are."""

    prefix: Location
    names: list[str]
    digest: str

    def manifest(self) -> list[Any]:
        """SageMaker's manifest of these files."""
        return [{"prefix": self.prefix.uri}, *self.names]


def find(artifact: Artifact, store: Store) -> TokenizerFiles | None:
    """The tokenizer's files of an artifact; None where a job could not read them, or there are none.

    Gated models are passed over: only SageMaker's own hosting may read what a licence guards.
    """
    source = artifact.container.get("ModelDataSource", {}).get("S3DataSource", {})
    if (
        source.get("S3DataType") != "S3Prefix"
        or source.get("CompressionType") != "None"
        or "ModelAccessConfig" in source
    ):
        return None
    prefix = location(artifact.data_uri)
    try:
        listed = {item["Key"].removeprefix(prefix.key): item for item in store.keys(prefix)}
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "NoSuchBucket"):
            return None
        raise
    found = sorted(FILES & listed.keys())
    if _NEEDED not in found:
        return None
    return TokenizerFiles(prefix, found, digest([[name, listed[name]["Size"], listed[name]["ETag"]] for name in found]))
