"""Datasets as teams drop them, and the events that S3 sends then."""

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.integration.account import DATASETS, Account


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def manifest(content: bytes, **members: Any) -> dict[str, Any]:
    """The manifest of one file of questions."""
    return {
        "name": "trivia",
        "version": "v1",
        "task": "question_answering",
        "columns": {"id": "id", "input": "text", "target": "correct_answer"},
        "files": [{"path": "rows.jsonl", "sha256": hashlib.sha256(content).hexdigest()}],
        "owner": "owner@example.com",
        **members,
    }


class Drops:
    """Puts objects into the datasets bucket and hands the function the event of each."""

    def __init__(self, account: Account, repo: Path) -> None:
        self._account = account
        self._golden = (repo / "events/s3-object-created.json").read_text()
        self._register = account.handler("intake/register_dataset")

    def __call__(self, key: str, content: bytes) -> dict[str, Any]:
        """What the function answered."""
        return self.tell(self.event(key, self.put(key, content)))

    def event(self, key: str, version: str) -> dict[str, Any]:
        """What S3 tells of an object."""
        event: dict[str, Any] = json.loads(self._golden)
        event["detail"]["object"] |= {"key": key, "version-id": version}
        return event

    def tell(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the function answers to an event."""
        answer: dict[str, Any] = self._register(event, None)
        return answer

    def put(self, key: str, content: bytes) -> str:
        """Only the object; its version."""
        return str(self._account.s3.put_object(Bucket=DATASETS, Key=key, Body=content)["VersionId"])

    def sides(self, train: list[dict[str, Any]], test: list[dict[str, Any]], version: str) -> dict[str, Any]:
        """A whole dataset with a split of its own."""
        files = []
        for split, rows in (("train", train), ("test", test)):
            content = lines(rows)
            self.put(f"datasets/trivia/{version}/{split}.jsonl", content)
            digest = hashlib.sha256(content).hexdigest()
            files.append({"path": f"{split}.jsonl", "sha256": digest, "split": split})
        document = manifest(b"", version=version, files=files)
        return self(f"datasets/trivia/{version}/manifest.json", json.dumps(document).encode())
