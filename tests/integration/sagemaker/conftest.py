"""SageMaker behind the front, with S3, Logs and CloudWatch: events are collected instead of delivered."""

import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.clock import Clock
from local.cloudwatch.service import CloudWatch
from local.moto_state import MotoState
from local.protocol import REGION, Caller
from local.sagemaker.runtime import SageMakerRuntime
from local.sagemaker.service import SageMaker
from local.sagemaker.settings import JobSettings
from local.server import Server
from tests.waiting import eventually

ROLE = "arn:aws:iam::123456789012:role/jobs"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/"


class Everybody:
    """A gate that is open."""

    def caller(self, access_key: str) -> Caller:
        return Caller()

    def check(self, access_key: str, service: str, operation: str, params: Mapping[str, Any]) -> None:
        return None

    def may_list(self, access_key: str, bucket: str) -> bool:
        return True

    def changed(self) -> None:
        return None


class Front:
    """moto's state behind a port and its clients: made once, since that takes longer than most tests."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.services: dict[str, Any] = {}
        self._state = MotoState(self.clock)
        self._server = Server(self.services, self._state, Everybody(), lambda _event: None)
        self.url = self._server.url
        self._session = boto3.session.Session()
        self._clients: dict[str, Any] = {}

    def start(self) -> None:
        self._state.open()
        self._server.start()

    def stop(self) -> None:
        for client in self._clients.values():
            client.close()
        self._server.stop()
        self._state.close()

    def forget(self) -> None:
        for service in ("s3", "logs"):
            self._state.backend(service).reset()

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,
                region_name=REGION,
                endpoint_url=self.url,
                aws_access_key_id="root",
                aws_secret_access_key="x",
                config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
            )
        return self._clients[service]


class SmallAws:
    """As much of the embedded AWS as SageMaker asks for."""

    def __init__(self, front: Front, root: Path, settings: JobSettings) -> None:
        self.root = root
        self.clock = front.clock
        self.url = front.url
        self.events: list[dict[str, Any]] = []
        self.sagemaker = SageMaker(self, settings)  # type: ignore[arg-type]
        self._front = front
        self.cloudwatch = CloudWatch(self)  # type: ignore[arg-type]
        self.cloudwatch.alarms.before_evaluation(self.sagemaker.flush)
        front.services.update(
            {
                "sagemaker": self.sagemaker,
                "sagemaker-runtime": SageMakerRuntime(self),  # type: ignore[arg-type]
                "cloudwatch": self.cloudwatch,
            }
        )

    def start(self) -> None:
        self.cloudwatch.start()
        self.sagemaker.start()

    def stop(self) -> None:
        self.sagemaker.stop()
        self.cloudwatch.stop()
        self._front.forget()

    def client(self, service: str, role_arn: str | None = None) -> Any:
        return self._front.client(service)

    def credentials_for(self, role_arn: str) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": role_arn, "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}

    def emit(
        self,
        source: str,
        detail_type: str,
        detail: dict[str, Any],
        resources: Sequence[str] = (),
        bus: str = "default",
    ) -> None:
        assert source in ("aws.sagemaker", "aws.cloudwatch")
        assert bus == "default"
        self.events.append({"detail-type": detail_type, "detail": detail, "resources": list(resources)})

    def told(self, detail_type: str, member: str) -> list[Any]:
        """One member of each event of a kind, in order."""
        return [event["detail"][member] for event in self.events if event["detail-type"] == detail_type]

    def put(self, bucket: str, objects: Mapping[str, str | bytes]) -> None:
        """Create a bucket, unless it is there, with objects."""
        s3 = self.client("s3")
        if bucket not in [item["Name"] for item in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=bucket)
        for key, body in objects.items():
            s3.put_object(Bucket=bucket, Key=key, Body=body)

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        s3 = self.client("s3")
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return {item["Key"]: s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read() for item in listed}


SERVE = """
import argparse, http.server, json, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--model-dir")
parser.add_argument("--port", type=int)
options = parser.parse_args()
model = json.loads((pathlib.Path(options.model_dir) / "config.json").read_text())
if model.get("broken"):
    raise SystemExit("this model does not load")

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status, value, kind="application/json"):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(200, {})
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Type"] != "application/json":
            return self.answer(200, body[::-1], self.headers["Content-Type"])
        asked = json.loads(body)
        if asked["inputs"] == "environment":
            return self.answer(200, dict(os.environ))
        if asked["inputs"] == "fail":
            return self.answer(asked["status"], {"error": "as you wished"})
        self.answer(200, [{"generated_text": model["name"] + ": " + asked["inputs"]}])

http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler).serve_forever()
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The folder of the images' programs: a job's image `NAME` runs `NAME.py`."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "serve.py").write_text(SERVE)
    return folder


Image = Callable[[str, str], str]


@pytest.fixture
def image(scripts: Path) -> Image:
    """Write an image's program; the answer is its URI."""

    def write(name: str, code: str) -> str:
        (scripts / f"{name}.py").write_text(textwrap.dedent(code))
        return f"{IMAGE}{name}:latest"

    return write


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    front = Front()
    front.start()
    yield front
    front.stop()


@pytest.fixture
def aws(front: Front, tmp_path: Path, scripts: Path) -> Iterator[SmallAws]:
    python = Path(sys.executable)
    names = ("job", "other")
    settings = JobSettings(
        python=python,
        assets=tmp_path / "assets",
        images={name: ["{python}", "-u", str(scripts / f"{name}.py")] for name in names},
        serve=["{python}", str(scripts / "serve.py")],
        environment={"FROM_THE_IMAGE": "yes"},
        stop_grace=0.5,
        sync_interval=0.1,
    )
    aws = SmallAws(front, tmp_path / "root", settings)
    aws.start()
    yield aws
    aws.stop()


@pytest.fixture
def soon() -> Callable[..., Any]:
    return eventually
