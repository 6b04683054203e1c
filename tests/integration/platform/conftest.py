"""An embedded AWS without jobs, for the tests of one file."""

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.embedded import EmbeddedAws

MakeRole = Callable[..., str]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(tmp_path_factory.mktemp("embedded")) as running:
        yield running


@pytest.fixture
def make_role(aws: EmbeddedAws) -> MakeRole:
    """Makes a role that a service trusts, with the statements given; its ARN."""

    def make(name: str, *statements: dict[str, Any], service: str = "lambda.amazonaws.com") -> str:
        iam = aws.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_document(*statements))
        return arn

    return make


@pytest.fixture
def code(tmp_path: Path) -> Callable[[str], Path]:
    """A folder with an app.py of the given text."""

    def write(text: str) -> Path:
        folder = tmp_path / "code"
        folder.mkdir(exist_ok=True)
        (folder / "app.py").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def browse() -> Callable[[str, str], tuple[int, str]]:
    """Gets a page: status and text."""

    def get(url: str, path: str) -> tuple[int, str]:
        parts = urlsplit(url)
        # Names below localhost are this machine's, whether its resolver knows them or not.
        connection = http.client.HTTPConnection("127.0.0.1", parts.port)
        try:
            connection.request("GET", path, headers={"Host": parts.netloc})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    return get


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
