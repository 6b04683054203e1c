"""Each target in its own tongue: what is sent, what counts as an answer, and what another try may help."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from containers.evaluate.chat import rendered
from containers.evaluate.failures import EvaluationFailed
from containers.evaluate.targets.application import HttpsApplication, LambdaApplication
from containers.evaluate.targets.application import reply_of as application_reply
from containers.evaluate.targets.asking import NotAnswered, Reply, Trouble, of_status
from containers.evaluate.targets.bedrock import Bedrock, reply_of, request_of
from containers.evaluate.targets.endpoint import Endpoint, generated_text, log_probability
from fmops.evaluation.models import Decoding
from fmops.evaluation.targets import BedrockTarget, EndpointTarget, Guardrail

ENDPOINT = EndpointTarget(endpoint_name="e", region="us-east-1")


class Client:
    """A boto3 client whose every call answers, or fails, as told; remembers the last request."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome
        self.request: dict[str, Any] = {}

    def __getattr__(self, operation: str) -> Any:
        return self._call

    def _call(self, **request: Any) -> Any:
        self.request = request
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def client_error(code: str, status: int = 400, original: int | None = None) -> ClientError:
    response: dict[str, Any] = {
        "Error": {"Code": code, "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    if original is not None:
        response["OriginalStatusCode"] = original
    return ClientError(response, "Operation")


@pytest.mark.parametrize("body", [b'[{"generated_text": "x"}]', b'{"generated_text": "x"}'])
def test_both_forms_of_the_text_generation_format_are_read(body: bytes) -> None:
    assert generated_text(body) == "x"


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b'{"text": "x"}', b'[{"generated_text": null}]', b"\xff"])
def test_any_other_response_is_no_answer(body: bytes) -> None:
    with pytest.raises(NotAnswered) as caught:
        generated_text(body)

    assert caught.value.trouble is Trouble.REFUSED


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (client_error("ModelError", 424, 500), Trouble.BROKEN),
        (client_error("ModelError", 424, 503), Trouble.BROKEN),
        (client_error("ModelError", 424, 429), Trouble.THROTTLED),
        (client_error("ModelError", 424, 400), Trouble.REFUSED),
        (client_error("ModelError", 424, 404), Trouble.REFUSED),
        (client_error("ThrottlingException", 400), Trouble.THROTTLED),
        (client_error("ServiceUnavailable", 503), Trouble.BROKEN),
        (client_error("ValidationError"), Trouble.FORBIDDEN),
        (client_error("AccessDeniedException", 403), Trouble.FORBIDDEN),
        (ReadTimeoutError(endpoint_url="e"), Trouble.BROKEN),
    ],
)
def test_trouble_of_an_endpoint_is_told_apart(error: Exception, trouble: Trouble) -> None:
    with pytest.raises(NotAnswered) as caught:
        Endpoint(Client(error), ENDPOINT, {}).ask("p")

    assert caught.value.trouble is trouble


def test_prompts_to_production_are_marked_as_ours() -> None:
    client = Client({"Body": io.BytesIO(b'[{"generated_text": "x"}]')})

    Endpoint(client, ENDPOINT.model_copy(update={"inference_id": "fmops-golden-run-1"}), {}).ask("p")

    assert client.request["InferenceId"] == "fmops-golden-run-1"


class Words:
    """A tokenizer whose tokens are words."""

    def count(self, text: str) -> int:
        return len(text.split())

    def render(self, prompt: str, system: str | None) -> str:
        return f"<{system}><{prompt}>"


def test_tokens_of_an_endpoint_are_counted_where_the_tokenizer_is_known() -> None:
    def client() -> Client:
        return Client({"Body": io.BytesIO(b'[{"generated_text": "one two three"}]')})

    counted = Endpoint(client(), ENDPOINT, {}, Words()).ask("a b")  # type: ignore[arg-type]

    assert counted == Reply("one two three", 2, 3)
    assert Endpoint(client(), ENDPOINT, {}).ask("a b") == Reply("one two three", None, None)


def test_chat_is_rendered_before_it_is_sent() -> None:
    chat = ENDPOINT.model_copy(update={"chat": True, "system": "Be brief."})

    assert rendered(chat, "Why?", Words()) == "<Be brief.><Why?>"  # type: ignore[arg-type]
    assert rendered(ENDPOINT, "Why?", Words()) == "Why?"  # type: ignore[arg-type]
    with pytest.raises(EvaluationFailed, match="no tokenizer"):
        rendered(chat, "Why?", None)


BEDROCK = BedrockTarget(model_id="us.amazon.nova-lite-v1:0", region="us-east-1")
ANSWER = {
    "output": {"message": {"role": "assistant", "content": [{"text": "4"}]}},
    "stopReason": "end_turn",
    "usage": {"inputTokens": 7, "outputTokens": 1, "totalTokens": 8},
}


def test_bedrock_is_asked_by_converse() -> None:
    client = Client(ANSWER)
    target = BEDROCK.model_copy(update={"system": "Be brief.", "guardrail": Guardrail(id="g1", version="3")})

    reply = Bedrock(client, request_of(target, Decoding(max_new_tokens=9, stop=("\n",)))).ask("2+2?")

    assert reply == Reply("4", 7, 1)
    assert client.request == {
        "modelId": "us.amazon.nova-lite-v1:0",
        "messages": [{"role": "user", "content": [{"text": "2+2?"}]}],
        "system": [{"text": "Be brief."}],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0.0, "stopSequences": ["\n"]},
        "guardrailConfig": {"guardrailIdentifier": "g1", "guardrailVersion": "3"},
        # So the monitor knows our own calls in Bedrock's logs.
        "requestMetadata": {"fmops": "evaluation"},
    }


def test_sampled_decoding_reaches_bedrock_and_nothing_that_was_not_asked_for() -> None:
    sent = request_of(BEDROCK, Decoding(do_sample=True, temperature=0.7, top_p=0.9))

    assert sent["inferenceConfig"] == {"maxTokens": 64, "temperature": 0.7, "topP": 0.9}
    assert sent.keys() == {"modelId", "inferenceConfig", "requestMetadata"}


def test_answer_of_a_guardrail_is_an_answer_and_said_to_be_the_guardrails() -> None:
    assert reply_of({**ANSWER, "stopReason": "guardrail_intervened"}).intervened
    assert not reply_of(ANSWER).intervened


def test_reasoning_is_no_part_of_the_answer() -> None:
    content = [{"reasoningContent": {"reasoningText": {"text": "hmm"}}}, {"text": "4"}]

    assert reply_of({"output": {"message": {"content": content}}}) == Reply("4")


@pytest.mark.parametrize(
    ("code", "status", "trouble"),
    [
        ("ThrottlingException", 429, Trouble.THROTTLED),
        ("ModelNotReadyException", 429, Trouble.BROKEN),
        ("ModelTimeoutException", 408, Trouble.BROKEN),
        ("InternalServerException", 500, Trouble.BROKEN),
        ("ServiceUnavailableException", 503, Trouble.BROKEN),
        ("ModelErrorException", 424, Trouble.BROKEN),
        ("ValidationException", 400, Trouble.REFUSED),
        ("AccessDeniedException", 403, Trouble.FORBIDDEN),
        ("ResourceNotFoundException", 404, Trouble.FORBIDDEN),
    ],
)
def test_trouble_of_bedrock_is_told_apart(code: str, status: int, trouble: Trouble) -> None:
    with pytest.raises(NotAnswered) as caught:
        Bedrock(Client(client_error(code, status)), {}).ask("p")

    assert caught.value.trouble is trouble


class Pool:
    """An urllib3 pool that answers as told."""

    def __init__(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.status, self.data, self.headers = status, body, headers
        self.sent: dict[str, Any] = {}

    def request(self, method: str, url: str, **options: Any) -> "Pool":
        self.sent = {"method": method, "url": url, **options}
        return self


def test_application_is_asked_over_https_and_may_count_its_tokens() -> None:
    pool = Pool(200, b'{"answer": "4", "input_tokens": 3, "sources": ["x"]}')

    reply = HttpsApplication(pool, "https://app/ask", {"Authorization": "s"}).ask("2+2?")  # type: ignore[arg-type]

    assert reply == Reply("4", 3, None)
    assert json.loads(pool.sent["body"]) == {"input": "2+2?"}
    assert pool.sent["headers"] == {"Authorization": "s"}
    assert pool.sent["redirect"] is False


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (302, Trouble.FORBIDDEN),
        (400, Trouble.REFUSED),
        (401, Trouble.FORBIDDEN),
        (404, Trouble.FORBIDDEN),
        (429, Trouble.THROTTLED),
        (500, Trouble.BROKEN),
        (503, Trouble.BROKEN),
    ],
)
def test_trouble_of_an_application_is_told_apart(status: int, trouble: Trouble) -> None:
    with pytest.raises(NotAnswered) as caught:
        HttpsApplication(Pool(status, **{"Retry-After": "7"}), "https://app", {}).ask("p")  # type: ignore[arg-type]

    assert caught.value.trouble is trouble
    assert caught.value.retry_after in (None, 7.0)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"answer": 4}', b'{"text": "4"}', b'{"answer": "' + b"x" * 2**20])
def test_response_that_is_no_answer_of_an_application_is_refused(body: bytes) -> None:
    with pytest.raises(NotAnswered) as caught:
        application_reply(body)

    assert caught.value.trouble is Trouble.REFUSED


def test_application_is_asked_as_a_function() -> None:
    client = Client({"Payload": io.BytesIO(b'{"answer": "4"}')})

    assert LambdaApplication(client, "arn:f").ask("2+2?") == Reply("4")
    assert json.loads(client.request["Payload"]) == {"input": "2+2?"}


def test_failure_of_a_function_tells_its_type_and_not_the_prompt() -> None:
    body = io.BytesIO(b'{"errorType": "KeyError", "errorMessage": "secret words"}')

    with pytest.raises(NotAnswered, match="KeyError") as caught:
        LambdaApplication(Client({"Payload": body, "FunctionError": "Unhandled"}), "arn:f").ask("p")

    assert "secret" not in str(caught.value)
    assert caught.value.trouble is Trouble.BROKEN


@pytest.mark.parametrize(("status", "trouble"), [(0, Trouble.BROKEN), (418, Trouble.REFUSED), (424, Trouble.BROKEN)])
def test_status_without_a_code_is_enough(status: int, trouble: Trouble) -> None:
    assert of_status(status) is trouble


def told(*chances: float | None) -> bytes:
    tokens = [{"id": number, "text": "x", "logprob": chance} for number, chance in enumerate(chances)]
    return json.dumps([{"generated_text": "y", "details": {"prefill": tokens, "tokens": []}}]).encode()


def test_log_probability_of_a_prompt_is_the_sum_over_its_tokens_but_the_first() -> None:
    assert log_probability(told(None, -1.5, -0.25)) == -1.75


@pytest.mark.parametrize(
    "body", [told(), told(None), b'[{"generated_text": "y"}]', b'[{"details": {"prefill": null}}]', b"no JSON"]
)
def test_an_endpoint_without_log_probabilities_is_not_asked_again(body: bytes) -> None:
    with pytest.raises(NotAnswered) as refused:
        log_probability(body)

    assert refused.value.trouble is Trouble.REFUSED
