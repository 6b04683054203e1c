"""What Converse takes, refuses as Bedrock does, or refuses loudly because only the embedded one can't."""

from typing import Any

import pytest

from local.bedrock.conversation import read
from local.bedrock.guardrails import Guardrails
from local.bedrock.serve import converse
from local.clock import Clock
from local.protocol import AwsError, NotImplementedByEmbeddedAws
from local.sagemaker.batches import Continuation, Work
from local.sagemaker.generation import BadRequest, Parameters


def message(role: str, *texts: str) -> dict[str, Any]:
    return {"role": role, "content": [{"text": text} for text in texts]}


def test_texts_of_a_conversation_go_on_in_turns() -> None:
    found = read(
        {
            "system": [{"text": "Be brief."}, {"text": "Be kind."}],
            "messages": [message("user", "a", "b"), message("assistant", "c"), message("user", "d")],
            "inferenceConfig": {"maxTokens": 3},
        }
    )

    assert found.last == "d"
    assert found.body() == {
        "messages": [
            {"role": "system", "content": "Be brief.\nBe kind."},
            {"role": "user", "content": "a\nb"},
            {"role": "assistant", "content": "c"},
            {"role": "user", "content": "d"},
        ],
        "maxTokens": 3,
    }


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [message("assistant", "a")],
        [message("user", "a"), message("assistant", "b")],
        [message("user", "a"), message("user", "b")],
        [message("user", " \n")],
    ],
)
def test_conversation_that_bedrock_refuses_is_refused(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(AwsError) as refused:
        read({"messages": messages})

    assert refused.value.code == "ValidationException"


@pytest.mark.parametrize(
    "request_",
    [
        {"messages": [{"role": "user", "content": [{"image": {}}]}]},
        {"messages": [message("user", "a")], "toolConfig": {"tools": [{}]}},
    ],
)
def test_what_only_the_embedded_one_cannot_do_is_loud(request_: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedByEmbeddedAws):
        read(request_)


def guardrails(*words: str) -> tuple[Guardrails, str]:
    made = Guardrails()
    request = {
        "name": "words",
        "wordPolicyConfig": {"wordsConfig": [{"text": word} for word in words]},
        "blockedInputMessaging": "Not that.",
        "blockedOutputsMessaging": "I'd rather not.",
    }
    return made, made.create(request, Clock().datetime()).guardrail_id


@pytest.mark.parametrize(
    ("text", "blocked"), [("A Secret plan", True), ("secretary", False), ("top secret.", True), ("c++ is fine", True)]
)
def test_guardrail_blocks_whole_words_in_any_case(text: str, blocked: bool) -> None:
    made, name = guardrails("secret", "c++")

    assert made.find(name, "DRAFT").blocks(["harmless", text]) is blocked


def test_version_of_a_guardrail_is_found_by_id_and_arn() -> None:
    made, name = guardrails("secret")

    version = made.publish(name)

    assert version.version == "1"
    assert made.find(version.arn, "1") == version
    with pytest.raises(AwsError, match="does not exist"):
        made.find(name, "2")


def test_guardrail_that_would_not_block_what_it_should_is_refused() -> None:
    with pytest.raises(NotImplementedByEmbeddedAws, match="topicPolicyConfig"):
        Guardrails().create({"name": "n", "topicPolicyConfig": {}}, Clock().datetime())


class Talker:
    """A model whose tokens are words, and that says what it is told to."""

    def __init__(self, said: Continuation, template: str | None = "chat") -> None:
        self.said = said
        self.asked: Parameters | None = None
        self.tokenizer = self
        self.chat_template = template

    def apply_chat_template(self, messages: list[dict[str, str]], **_: Any) -> str:
        return " ".join(one["content"] for one in messages)

    def work(self, text: str, parameters: Parameters) -> Work:
        self.asked = parameters
        return Work([0] * len(text.split()), parameters, ())

    def submit(self, works: Any) -> None:
        for work in works:
            work.result.set_result(self.said)


def test_server_speaks_by_the_models_chat_template_and_counts_tokens() -> None:
    talker = Talker(Continuation(" four STOP", 3, "stop_sequence"))
    body = b'{"messages": [{"role": "user", "content": "two and two"}], "temperature": 0, "stopSequences": ["STOP"]}'

    said = converse(talker, talker, body)

    assert said == {"text": "four", "input_tokens": 3, "output_tokens": 3, "stop_reason": "stop_sequence"}
    assert talker.asked is not None
    assert not talker.asked.do_sample


def test_server_samples_where_no_temperature_is_named() -> None:
    talker = Talker(Continuation("x", 1, "length"))

    said = converse(talker, talker, b'{"messages": [{"role": "user", "content": "a"}], "maxTokens": 1}')

    assert said["stop_reason"] == "max_tokens"
    assert talker.asked is not None
    assert (talker.asked.do_sample, talker.asked.max_new_tokens) == (True, 1)


def test_model_without_a_chat_template_holds_no_conversation() -> None:
    talker = Talker(Continuation("x", 1, "length"), template=None)

    with pytest.raises(BadRequest, match="no chat template"):
        converse(talker, talker, b'{"messages": []}')
