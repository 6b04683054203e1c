"""The server of text generation with a real, tiny, randomly initialised model, in the jobs' own environment."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.jobs

MAKE_MODEL = """
import sys, torch
from tokenizers import Tokenizer, models, pre_tokenizers, decoders
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
torch.manual_seed(7)
pieces = ["<end>"] + [chr(number) for number in range(32, 127)]
raw = Tokenizer(models.WordLevel({piece: number for number, piece in enumerate(pieces)}, unk_token="<end>"))
raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
raw.decoder = decoders.Fuse()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<end>", pad_token="<end>")
config = LlamaConfig(vocab_size=96, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
    max_position_embeddings=128, eos_token_id=0, pad_token_id=0, bos_token_id=None)
LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
"""


# The sum of the log-probabilities of all tokens but the first, by the model's own loss.
LIKELIHOOD = """
import sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
tokens = AutoTokenizer.from_pretrained(sys.argv[1])(sys.argv[2], return_tensors="pt")["input_ids"]
print(-float(model(tokens, labels=tokens).loss) * (tokens.shape[1] - 1))
"""


class Answer(NamedTuple):
    status: int
    document: Any


class Endpoint:
    def __init__(self, port: int, folder: Path) -> None:
        self._port = port
        self.folder = folder

    def request(self, method: str, path: str, body: bytes | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return Answer(response.status, json.loads(response.read()))
        finally:
            connection.close()

    def ask(self, inputs: Any, **parameters: Any) -> Answer:
        return self.request("POST", "/invocations", json.dumps({"inputs": inputs, "parameters": parameters}).encode())

    def serves(self) -> bool:
        try:
            return self.request("GET", "/ping").status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def endpoint(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    python = str(repo / ".venv-jobs" / "bin" / "python")
    folder = tmp_path_factory.mktemp("model")
    environment = {"PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(repo)}
    subprocess.run([python, "-c", MAKE_MODEL, str(folder)], check=True, env=environment, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [python, "-m", "local.sagemaker.serve", "--model-dir", str(folder), "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    endpoint = Endpoint(port, folder)
    end = time.monotonic() + 120
    while not endpoint.serves():
        assert process.poll() is None, "the server ended"
        assert time.monotonic() < end, "the server never served"
        time.sleep(0.1)
    yield endpoint
    process.kill()
    process.wait()


def test_a_text_is_continued(endpoint: Endpoint) -> None:
    status, (part,) = endpoint.ask("Hello", max_new_tokens=8, details=True)

    assert status == 200
    assert 1 <= part["details"]["generated_tokens"] <= 8
    assert part["details"]["finish_reason"] in ("length", "eos_token")
    full = endpoint.ask("Hello", max_new_tokens=8, return_full_text=True).document[0]["generated_text"]
    assert full == "Hello" + part["generated_text"]


def test_texts_that_are_continued_together_get_the_answers_that_they_get_alone(endpoint: Endpoint) -> None:
    texts = ["a", "a longer text", "the longest text of them all"]
    lengths = [3, 9, 6]
    alone = [endpoint.ask(text, max_new_tokens=n).document for text, n in zip(texts, lengths, strict=True)]

    with ThreadPoolExecutor(len(texts)) as pool:
        together = list(
            pool.map(
                lambda pair: endpoint.ask(pair[0], max_new_tokens=pair[1]).document, zip(texts, lengths, strict=True)
            )
        )

    assert together == alone


def test_a_list_of_texts_gets_a_list_of_answers(endpoint: Endpoint) -> None:
    status, document = endpoint.ask(["a", "b"], max_new_tokens=3)

    assert status == 200
    assert [sorted(part) for (part,) in document] == [["generated_text"]] * 2


def test_a_text_ends_with_its_stop_text(endpoint: Endpoint) -> None:
    written = endpoint.ask("Hello", max_new_tokens=12).document[0]["generated_text"]
    stop = written[2:4]

    (part,) = endpoint.ask("Hello", max_new_tokens=12, stop=[stop], details=True).document

    assert part["generated_text"] == written[: written.index(stop) + len(stop)]
    assert part["details"]["finish_reason"] == "stop_sequence"


def test_a_seed_gives_the_same_text_again(endpoint: Endpoint) -> None:
    first = endpoint.ask("Hello", max_new_tokens=12, do_sample=True, temperature=2.0, seed=5)

    assert endpoint.ask("Hello", max_new_tokens=12, do_sample=True, temperature=2.0, seed=5) == first
    assert endpoint.ask("Hello", max_new_tokens=12, do_sample=True, temperature=2.0, seed=6) != first


def test_a_text_that_does_not_fit_is_refused_with_a_sentence(endpoint: Endpoint) -> None:
    status, document = endpoint.ask("Hello", max_new_tokens=124)

    assert status == 400
    assert document["error"].startswith("`inputs` tokens + `max_new_tokens` must be <= 128")


def test_tokens_of_the_input_come_with_the_models_own_log_probabilities(endpoint: Endpoint, repo: Path) -> None:
    text = "He is a nurse"

    (part,) = endpoint.ask(text, max_new_tokens=1, details=True, decoder_input_details=True).document

    prefill = part["details"]["prefill"]
    assert "".join(token["text"] for token in prefill) == text
    assert prefill[0]["logprob"] is None
    assert all(token["logprob"] < 0 for token in prefill[1:])
    command = [str(repo / ".venv-jobs" / "bin" / "python"), "-c", LIKELIHOOD, str(endpoint.folder), text]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env={"HF_HUB_OFFLINE": "1"})
    assert sum(token["logprob"] for token in prefill[1:]) == pytest.approx(float(told.stdout), abs=1e-4)


def test_log_probabilities_are_part_of_the_details(endpoint: Endpoint) -> None:
    assert endpoint.ask("Hello", details=True).document[0]["details"]["prefill"] == []
    assert endpoint.ask("Hello", decoder_input_details=True).status == 400
