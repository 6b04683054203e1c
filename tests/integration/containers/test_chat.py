"""A real tokenizer, from the files that a job is given: chat as the model wants it, tokens, and one fingerprint."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.containers.conftest import Jobs

pytestmark = pytest.mark.jobs

PROGRAM = """
import json, sys
from pathlib import Path
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from tokenizers import Tokenizer as Raw, models, pre_tokenizers, processors
from containers.evaluate.chat import Tokenizer
from containers.evaluate.failures import EvaluationFailed

folder = Path(sys.argv[1])
words = ["<s>", "</s>", "<unk>", "user", "system", "why", "be", "brief", ":", "?", ".", "x"]
raw = Raw(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
raw.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
made = PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
made.chat_template = "{{ bos_token }}{% for m in messages %}{{ m.role }} : {{ m.content }} {% endfor %}"
made.save_pretrained(folder / "one")
AutoTokenizer.from_pretrained(folder / "one").save_pretrained(folder / "two")
(folder / "two" / "tokenizer_config.json").write_text(
    json.dumps({**json.loads((folder / "two" / "tokenizer_config.json").read_text()), "extra": 1}))
made.chat_template = None
made.save_pretrained(folder / "plain")
one, two, plain = (Tokenizer(folder / name) for name in ("one", "two", "plain"))
try:
    plain.render("why ?", None)
    refused = ""
except EvaluationFailed as error:
    refused = str(error)
print(json.dumps({
    "rendered": one.render("why ?", "be brief ."),
    "tokens": one.count("why ?"),
    "one": one.fingerprints(), "two": two.fingerprints(), "plain": plain.fingerprints(),
    "refused": refused,
}))
"""


@pytest.fixture(scope="module")
def found(jobs: Jobs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("tokenizers")
    with jobs.start("-c", PROGRAM, str(folder)) as process:
        out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err[-3000:]
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return answer


def test_chat_has_its_system_message_and_no_second_beginning(found: dict[str, Any]) -> None:
    # The endpoint's tokenizer will put <s> before it.
    assert found["rendered"] == "system : be brief . user : why ? "
    assert found["tokens"] == 3


def test_tokenizer_that_was_written_again_is_the_same(found: dict[str, Any]) -> None:
    assert found["one"] == found["two"]
    assert found["one"].keys() == {"tokenizer", "chat_template"}
    assert found["plain"] == {"tokenizer": found["one"]["tokenizer"]}


def test_model_without_a_chat_template_is_refused_with_what_to_do(found: dict[str, Any]) -> None:
    assert "leave `chat` of the candidate away" in found["refused"]
