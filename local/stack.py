"""Brings the whole system up on this machine: the embedded AWS, the hub with its model, the stack of the template."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.code_version import code_version
from local.embedded import EmbeddedAws
from local.keeping import orphans
from local.keeping.keeper import Keeper
from local.keeping.parts import Time
from local.keeping.room import Room
from local.keeping.stores import stores_of
from local.protocol import LocalError
from local.sagemaker import hub_documents
from local.sagemaker.settings import JobSettings

REPO = Path(__file__).resolve().parents[1]
CACHE = REPO / ".local"
STACK_NAME = "fmops"
_MODEL = "smollm2-135m-instruct"
BEDROCK_MODEL = "huggingfacetb.smollm2-135m-instruct-v1:0"
"""The same model as Bedrock has it, by its id there."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ports:
    """Where things answer; 0 lets the system choose."""

    aws: int = 0
    api: int = 0
    console: int = 0


@dataclass(frozen=True)
class LocalStack:
    """A deployed stack and the AWS that it is deployed into."""

    aws: EmbeddedAws
    outputs: dict[str, str]
    file: Path
    """Tells the command line how this run is reached."""
    restored: bool = False
    """Whether it goes on from what an earlier run kept."""


@contextmanager
def up(
    root: Path, ports: Ports, parameters: dict[str, str], say: Say, room: Room | None = None
) -> Iterator[LocalStack]:
    """The system, deployed afresh below `root`, until the context ends. LocalError where it can't be.

    With a `room` it holds what an earlier run kept there, and is kept there itself.
    """
    model = CACHE / "assets" / "models" / _MODEL
    if not model.is_dir():
        raise LocalError("the model of the local run is not prepared: run `make setup`.")
    if left := orphans.end(root):
        say(f"{left} processes of a killed run are ended")
    if root.exists():
        shutil.rmtree(root)
    root.mkdir(parents=True)
    settings = JobSettings.of_repo(REPO, CACHE)
    with EmbeddedAws(root, port=ports.aws, api_port=ports.api, jobs=settings) as aws:
        say(f"embedded AWS answers at {aws.url}")
        if room:
            Time(aws.clock).put_back(room.shelf.read().get(Time.name, {}))
        content = hub_documents.load(hub_documents.SMOLLM2)
        count = aws.sagemaker.hub.upload_artifacts(model, hub_documents.artifact_uri(content))
        aws.sagemaker.hub.publish(content)
        say(f"hub holds {content['HubContentName']} ({count} files)")
        aws.bedrock.publish(BEDROCK_MODEL, model, name="SmolLM2 135M Instruct", provider="Hugging Face")
        stack = aws.deploy(REPO / "template.yaml", STACK_NAME, {"CodeVersion": code_version(REPO), **parameters})
        say(f"stack {STACK_NAME} deployed: {len(stack.resources)} resources")
        keeper = Keeper(room.shelf, stores_of(aws, stack, room.objects)) if room else None
        restored = keeper.put_back() if keeper else False
        if restored:
            say("what the earlier run kept is back; what was in flight is aborted")
            # Nobody wants to wait for its schedule to see closed what the aborted executions left.
            reconcile = stack.resources["ReconcileFunction"]
            aws.client("lambda").invoke(FunctionName=reconcile, InvocationType="Event", Payload=b"{}")
        file = root.parent / "stack.json"
        write_stack_file(file, aws.url, stack.outputs)
        try:
            if keeper:
                keeper.start()
            yield LocalStack(aws, stack.outputs, file, restored=restored)
        finally:
            if keeper:
                keeper.stop()
            file.unlink(missing_ok=True)


def write_stack_file(file: Path, endpoint: str, outputs: dict[str, str], **more: Any) -> None:
    """Say how a local run is reached, for commands in other processes."""
    document = {"stack": STACK_NAME, "endpoint": endpoint, "outputs": outputs, **more}
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(document, indent=1), encoding="utf-8")
    fresh.replace(file)
