"""Bedrock behind the front, with boto3 as the caller: its list, Converse, guardrails, quotas, rights."""

import gzip
import json
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from containers.evaluate.targets.asking import NotAnswered, Reply, Trouble
from containers.evaluate.targets.bedrock import Bedrock
from fmops.catalog.bedrock import Bedrock as Models
from fmops.catalog.bedrock import of_bedrock
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import BedrockTarget, Guardrail
from fmops.monitoring.models import Target
from fmops.monitoring.reading.records import Reading, read
from fmops.monitoring.traffic import traffic
from fmops.usecases.watching import Tenancy
from local.embedded import EmbeddedAws
from local.protocol import REGION, JobSettings

MODEL = "huggingfacetb.tiny-v1:0"
# Says the last message backwards; `wait` waits for a moment.
SERVER = """
import argparse, http.server, json, time
parser = argparse.ArgumentParser()
parser.add_argument("--model-dir")
parser.add_argument("--port", type=int)
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(200, {})
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = asked["messages"][-1]["content"]
        if text == "wait": time.sleep(0.5)
        if text == "break": return self.answer(500, {"error": "broken"})
        said = text[::-1] + "".join(m["content"] for m in asked["messages"] if m["role"] == "system")
        self.answer(200, {"text": said, "input_tokens": len(text), "output_tokens": asked["maxTokens"],
            "stop_reason": "end_turn"})
http.server.ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    folder = tmp_path_factory.mktemp("bedrock")
    script = folder / "serve.py"
    script.write_text(textwrap.dedent(SERVER))
    jobs = JobSettings(python=Path(sys.executable), assets=folder, converse=["{python}", str(script)])
    with EmbeddedAws(folder / "aws", jobs=jobs) as made:
        made.bedrock.publish(MODEL, folder, name="Tiny", provider="Hugging Face")
        yield made


def target(aws: EmbeddedAws, role: str | None = None, **members: Any) -> Bedrock:
    """As the evaluation job asks."""
    from containers.evaluate.targets.bedrock import request_of

    wanted = BedrockTarget.model_validate({"model_id": MODEL, "region": REGION, **members})
    return Bedrock(aws.client("bedrock-runtime", role), request_of(wanted, Decoding(max_new_tokens=5)))


@pytest.mark.parametrize("form", ["{id}", "us.{id}", "arn:aws:bedrock:us-east-1::foundation-model/{id}"])
def test_model_answers_by_its_id_its_arn_and_its_inference_profile(aws: EmbeddedAws, form: str) -> None:
    reply = target(aws, model_id=form.format(id=MODEL), system="!").ask("abc")

    assert reply == Reply("cba!", 3, 5)


def test_catalogue_tells_what_the_feature_matrix_asks(aws: EmbeddedAws) -> None:
    features = of_bedrock(Models(aws.client("bedrock")).model(MODEL))

    assert (features.provider, features.region, features.output_modalities) == ("Hugging Face", REGION, ["text"])
    profile = aws.client("bedrock").get_inference_profile(inferenceProfileIdentifier=f"us.{MODEL}")
    assert profile["models"] == [{"modelArn": f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"}]


def test_model_that_is_not_there_is_refused_for_each_prompt(aws: EmbeddedAws) -> None:
    with pytest.raises(NotAnswered) as caught:
        target(aws, model_id="amazon.nova-lite-v1:0").ask("abc")

    assert caught.value.trouble is Trouble.REFUSED


def test_model_that_breaks_is_worth_another_try(aws: EmbeddedAws) -> None:
    with pytest.raises(NotAnswered) as caught:
        target(aws).ask("break")

    assert caught.value.trouble is Trouble.BROKEN


def test_guardrail_answers_in_the_models_place(aws: EmbeddedAws) -> None:
    control = aws.client("bedrock")
    made = control.create_guardrail(
        name="words",
        wordPolicyConfig={"wordsConfig": [{"text": "secret"}, {"text": "evil"}]},
        blockedInputMessaging="Not that.",
        blockedOutputsMessaging="I'd rather not.",
    )
    version = control.create_guardrail_version(guardrailIdentifier=made["guardrailId"])["version"]
    guarded = target(aws, guardrail=Guardrail(id=made["guardrailId"], version=version))

    assert guarded.ask("my secret") == Reply("Not that.", 0, 0, intervened=True)
    assert guarded.ask("live") == Reply("I'd rather not.", 4, 5, intervened=True)
    assert not guarded.ask("abc").intervened
    assert target(aws).ask("my secret").text == "terces ym"


def test_what_goes_beyond_the_quota_is_throttled(aws: EmbeddedAws) -> None:
    assert aws.bedrock_runtime is not None
    aws.bedrock_runtime.most_at_once = 1
    asked = target(aws)

    def ask(_: int) -> str:
        try:
            return asked.ask("wait").text
        except NotAnswered as failure:
            return failure.trouble

    try:
        with ThreadPoolExecutor(3) as pool:
            found = sorted(pool.map(ask, range(3)))
    finally:
        aws.bedrock_runtime.most_at_once = None

    assert found == ["throttled", "throttled", "tiaw"]


def role(aws: EmbeddedAws, name: str, *resources: tuple[str, str]) -> str:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:*"}]}
    iam = aws.client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in resources]
    iam.put_role_policy(
        RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    return arn


def test_inference_profile_needs_rights_on_itself_and_on_its_model(aws: EmbeddedAws) -> None:
    model = ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*")
    profile = ("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1:123456789012:inference-profile/*")
    only_model, both = role(aws, "only-model", model), role(aws, "both", model, profile)

    assert target(aws, both, model_id=f"us.{MODEL}").ask("abc").text == "cba"
    assert target(aws, only_model).ask("abc").text == "cba"
    with pytest.raises(NotAnswered, match="inference-profile") as caught:
        target(aws, only_model, model_id=f"us.{MODEL}").ask("abc")
    assert caught.value.trouble is Trouble.FORBIDDEN
    with pytest.raises(NotAnswered, match="bedrock:ApplyGuardrail"):
        target(aws, both, guardrail=Guardrail(id="gr0000000001", version="1")).ask("abc")


@pytest.fixture
def logged(aws: EmbeddedAws) -> Iterator[str]:
    """Where the logs of this hour lie."""
    s3, control = aws.client("s3"), aws.client("bedrock")
    s3.create_bucket(Bucket="logs")
    place = {"bucketName": "logs", "keyPrefix": "bedrock"}
    control.put_model_invocation_logging_configuration(
        loggingConfig={"s3Config": place, "textDataDeliveryEnabled": True}
    )
    yield "bedrock/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1"
    control.delete_model_invocation_logging_configuration()
    assert "loggingConfig" not in control.get_model_invocation_logging_configuration()


def test_calls_are_logged_as_the_monitor_reads_them(aws: EmbeddedAws, logged: str) -> None:
    converse = aws.client("bedrock-runtime").converse
    for text, model, marks in (("abc", MODEL, {"team": "a"}), ("def", f"us.{MODEL}", {"team": "b"})):
        converse(
            modelId=model,
            messages=[{"role": "user", "content": [{"text": text}]}],
            inferenceConfig={"maxTokens": 7},
            requestMetadata=marks,
        )
    target(aws).ask("ours")
    with pytest.raises(NotAnswered):
        target(aws).ask("break")

    lines = _lines(aws, logged)

    def heard(how: Reading) -> list[tuple[str | None, str | None]]:
        return [(one.prompt, one.answer) for line in lines for one in read(line, how) if not one.inference_id]

    assert heard(Reading(model_id=MODEL)) == [("abc", "cba")]
    assert heard(Reading(model_id=f"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{MODEL}")) == [
        ("def", "fed")
    ]
    assert heard(Reading(metadata=frozenset({("team", "b")}))) == [("def", "fed")]
    ours = [one for line in lines for one in read(line, Reading(model_id=MODEL)) if one.inference_id]
    assert [(one.prompt, one.answer, one.error) for one in ours] == [("ours", "sruo", False), ("break", "", True)]
    first = read(lines[0], Reading(Tenancy(source="request_metadata", key="team")))[0]
    assert (first.prompt_tokens, first.answer_tokens, first.tenant) == (3, 7, "a")


def test_calls_are_counted_as_cloudwatch_has_them(aws: EmbeddedAws) -> None:
    now = aws.clock.datetime()
    watched = Target(**{**dict.fromkeys(Target.model_fields, ""), "model_id": f"us.{MODEL}"})
    before = traffic(aws.client("cloudwatch"), watched, now - timedelta(hours=1), now + timedelta(hours=1))

    target(aws, model_id=f"us.{MODEL}").ask("abc")
    assert aws.bedrock_runtime is not None
    aws.bedrock_runtime.flush()

    after = traffic(aws.client("cloudwatch"), watched, now - timedelta(hours=1), now + timedelta(hours=1))
    assert (after.invocations or 0) - (before.invocations or 0) == 1
    assert after.p50_ms is not None


def test_a_bucket_that_is_not_there_is_refused(aws: EmbeddedAws) -> None:
    with pytest.raises(ClientError, match=r"Failed to validate permissions.*nowhere"):
        aws.client("bedrock").put_model_invocation_logging_configuration(
            loggingConfig={"s3Config": {"bucketName": "nowhere"}, "textDataDeliveryEnabled": True}
        )


def _lines(aws: EmbeddedAws, prefix: str) -> list[bytes]:
    assert aws.bedrock_runtime is not None
    aws.bedrock_runtime.flush()
    hour = f"{aws.clock.datetime():%Y/%m/%d/%H}"
    s3 = aws.client("s3")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="logs", Prefix=f"{prefix}/")["Contents"]]
    assert f"{prefix}/amazon-bedrock-logs-permission-check" in keys
    files = [s3.get_object(Bucket="logs", Key=key)["Body"].read() for key in keys if f"/{hour}/" in key]
    return [line for file in files for line in gzip.decompress(file).splitlines()]
