"""A header describes its file, to the byte, or the file is refused."""

import json
from typing import Any

import pytest

from fmops.serving.safetensors import LARGEST_HEADER, header_length, is_header, objection
from tests.fakes.weights import safetensors


def holds(content: bytes) -> bool:
    length = header_length(content[:16], len(content))
    return length is not None and is_header(content[8 : 8 + length], len(content))


def test_a_whole_file_holds() -> None:
    assert holds(safetensors())
    assert holds(safetensors(1000))


def test_a_header_padded_with_spaces_holds() -> None:
    content = safetensors()
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length] + b"   "

    assert holds(len(header).to_bytes(8, "little") + header + content[8 + length :])


@pytest.mark.parametrize(
    "tensor",
    [
        {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "OBJECT", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "code": "x"},
        {"dtype": "F32", "shape": [1], "data_offsets": [4]},
        {"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]},
        "weight",
    ],
)
def test_a_tensor_that_is_not_what_it_says_is_refused(tensor: Any) -> None:
    assert not holds(safetensors(weight=tensor))


def test_gaps_overlaps_and_bytes_behind_are_refused() -> None:
    first = {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}
    gap = {"dtype": "U8", "shape": [1], "data_offsets": [3, 4]}
    overlap = {"dtype": "U8", "shape": [3], "data_offsets": [1, 4]}

    assert not holds(safetensors(weight=first, more=gap))
    assert not holds(safetensors(weight=first, more=overlap))
    assert not holds(safetensors() + b"\x80\x04.")


@pytest.mark.parametrize("content", [b"", b"\0" * 8, b"\x80\x04" + b"K" * 100, b"PK\x03\x04" + bytes(100)])
def test_what_is_no_safetensors_is_refused(content: bytes) -> None:
    assert not holds(content)


def test_a_header_that_does_not_fit_is_not_read() -> None:
    assert header_length((10**12).to_bytes(16, "little"), 1000) is None
    assert header_length((LARGEST_HEADER + 1).to_bytes(16, "little"), 10**12) is None


@pytest.mark.parametrize("header", [b"[]", b"{}", b"nope", b"[" * 100_000, b'{"__metadata__": {"a": 1}}'])
def test_a_header_that_names_no_tensors_is_refused(header: bytes) -> None:
    assert not is_header(header, 8 + len(header))


def test_a_name_that_stands_there_twice_is_refused() -> None:
    tensor = json.dumps({"dtype": "U8", "shape": [1], "data_offsets": [0, 1]})

    assert not is_header(f'{{"a": {tensor}, "a": {tensor}}}'.encode(), 1000)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("pytorch_model.bin", b""),
        ("a/b/model.PT", b""),
        ("code/inference.py", b"import os"),
        ("tokenizer.json", b"\x80\x04\x95"),
        ("notes", b"\x80\x02c"),
        ("config.json", b"PK\x03\x04"),
        ("run", b"#!/bin/sh"),
        ("x.txt", b"\x7fELF"),
    ],
)
def test_what_may_hold_code_is_objected_to(name: str, first: bytes) -> None:
    assert name in objection(name, first)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("config.json", b"{"),
        ("tokenizer.model", b"\n\x0e\n\x05<unk>"),
        ("LICENSE", b"MIT"),
        ("merges.txt", b"#version: 0.2"),
    ],
)
def test_what_models_have_beside_them_is_not(name: str, first: bytes) -> None:
    assert objection(name, first) == ""
