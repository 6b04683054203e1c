"""The model's own tokenizer: applies its chat template, and counts tokens."""

from pathlib import Path
from typing import Any

from containers.evaluate.failures import EvaluationFailed
from fmops.core.ids import digest
from fmops.evaluation.targets import EndpointTarget

# Texts that tokenizers of one vocabulary may split differently.
_PROBES = ("Hello, world!", "  two  spaces\n\tand a tab", "3.14159 2026-01-31", "Übergrößenträger 東京 🙂")


class Tokenizer:
    """A tokenizer of a Hugging Face folder. Code that a folder brings is not run."""

    def __init__(self, folder: Path) -> None:
        # Takes a second, and jobs without a tokenizer do not need it.
        from transformers import AutoTokenizer

        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except (OSError, ValueError, KeyError) as error:
            raise EvaluationFailed(f"The model's tokenizer can't be read: {error}") from error

    def fingerprints(self) -> dict[str, str]:
        """What the tokenizer does, however its files are written: two that agree here split every text alike."""
        vocabulary = sorted(self._tokenizer.get_vocab().items())
        found = {"tokenizer": digest([vocabulary, [self._tokenizer(text)["input_ids"] for text in _PROBES]])}
        if self._tokenizer.chat_template:
            found["chat_template"] = digest(self._tokenizer.chat_template)
        return found

    def count(self, text: str) -> int:
        """How many tokens the text is."""
        return len(self._tokenizer(text)["input_ids"])

    def render(self, prompt: str, system: str | None) -> str:
        """The prompt as the model's chat format has it. EvaluationFailed where the model has none."""
        if not self._tokenizer.chat_template:
            raise EvaluationFailed("The model has no chat template: leave `chat` of the candidate away.")
        messages = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": prompt})
        # Jinja's errors have no common class that is part of transformers.
        try:
            text = str(self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
        except Exception as error:
            raise EvaluationFailed(f"The model's chat template refuses these messages: {error}") from error
        return self._without_double_beginning(text)

    def _without_double_beginning(self, text: str) -> str:
        """Templates write the token that the endpoint's tokenizer puts before every text once more."""
        first, ids = self._tokenizer.bos_token, self._tokenizer("x")["input_ids"]
        adds_it = first is not None and bool(ids) and ids[0] == self._tokenizer.bos_token_id
        return text.removeprefix(first) if adds_it else text


def rendered(target: object, prompt: str, tokenizer: Tokenizer | None) -> str:
    """What is sent for a prompt: itself, or for chat models its rendering."""
    if not (isinstance(target, EndpointTarget) and target.chat):
        return prompt
    if tokenizer is None:
        raise EvaluationFailed("The candidate is to be asked by chat, and the job was given no tokenizer.")
    return tokenizer.render(prompt, target.system)
