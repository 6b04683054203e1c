"""Makes a causal model of a few thousand parameters, and rows to train it on. Runs in the jobs' environment."""

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = ["red", "green", "blue", "one", "two", "three", "apple", "pear", "plum"]


def make_model(folder: Path) -> None:
    """A Llama of two layers with a tokenizer of words."""
    trainer = trainers.WordLevelTrainer(special_tokens=["<unk>", "<end>"])
    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.train_from_iterator(WORDS, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="<unk>",
        eos_token="<end>",
        pad_token="<end>",
    )
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=1,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).to(torch.float16).save_pretrained(folder)
    fast.save_pretrained(folder)


def make_rows(folder: Path, count: int = 40) -> None:
    """Prompts of one to three words, each answered by its last word."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "train.jsonl").open("w") as file:
        for index in range(count):
            words = [WORDS[(index * 5 + offset * 2) % len(WORDS)] for offset in range(1 + index % 3)]
            file.write(json.dumps({"prompt": " ".join(words), "completion": words[-1]}) + "\n")
