"""Telling safetensors from what can run code when it is loaded, by the first bytes of a file: rules without I/O.

The format: eight bytes with the header's length (little endian), the header (JSON), then the tensors without gaps.
Source: the safetensors README ("Format").
"""

import json
from math import prod
from typing import Any

PREFIX_BYTES = 16
LARGEST_HEADER = 25_000_000
"""In bytes: more than any model's, and little enough for a function's memory."""
SUFFIX = ".safetensors"
_LENGTH_BYTES = 8
_BITS = {
    name: bits
    for bits, names in {
        4: "F4",
        6: "F6_E2M3 F6_E3M2",
        8: "BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0",
        16: "I16 U16 F16 BF16",
        32: "I32 U32 F32",
        64: "I64 U64 F64 C64",
    }.items()
    for name in names.split()
}
# What other weights, code and archives begin with, whatever they are called.
_MAGIC = {
    b"PK\x03\x04": "a zip archive, as PyTorch pickles are",
    b"\x89HDF": "HDF5",
    b"\x1f\x8b": "a compressed archive",
    b"\x7fELF": "a program",
    b"#!": "a script",
    b"MZ": "a program",
    b"GGUF": "GGUF",
    b"\x93NUMPY": "a NumPy array, which may hold pickles",
}
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(1, 6))
_SUFFIXES = frozenset(
    {
        *(".bin", ".ckpt", ".dill", ".h5", ".hdf5", ".joblib", ".keras", ".mar", ".msgpack", ".npy", ".npz", ".onnx"),
        *(".pb", ".pickle", ".pkl", ".pt", ".pth", ".gguf", ".zip", ".tar", ".gz", ".tgz", ".7z"),
        *(".py", ".pyc", ".pyd", ".so", ".dll", ".sh", ".exe"),
    }
)


def header_length(first: bytes, size: int) -> int | None:
    """How long the header of a file is that begins so and has `size` bytes; None where it can be none."""
    length = int.from_bytes(first[:_LENGTH_BYTES], "little")
    fits = len(first) >= _LENGTH_BYTES and 2 <= length <= min(LARGEST_HEADER, size - _LENGTH_BYTES)
    return length if fits else None


def is_header(header: bytes, size: int) -> bool:
    """Whether this is the header of a safetensors file of `size` bytes: its tensors fill the file, without a gap."""
    try:
        tensors = json.loads(header, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return False
    if not isinstance(tensors, dict):
        return False
    about = tensors.pop("__metadata__", {})
    if not isinstance(about, dict) or not all(isinstance(value, str) for value in about.values()):
        return False
    spans = [_span(tensor) for tensor in tensors.values()]
    if not spans or None in spans:
        return False
    end = 0
    for begins, ends in sorted(span for span in spans if span):
        if begins != end:
            return False
        end = ends
    return end == size - _LENGTH_BYTES - len(header)


def objection(name: str, first: bytes) -> str:
    """What speaks against a file beside the weights; empty where nothing does. `first` are its first bytes."""
    suffix = f".{name.rpartition('/')[2].lower().rpartition('.')[2]}" if "." in name.rpartition("/")[2] else ""
    if suffix in _SUFFIXES:
        return f"{name} is code, an archive, or weights in a form that may hold code"
    if first.startswith(_PICKLES):
        return f"{name} begins as a pickle does: loading it could run code"
    for magic, what in _MAGIC.items():
        if first.startswith(magic):
            return f"{name} begins as {what}"
    return ""


def _span(tensor: Any) -> tuple[int, int] | None:
    """Where a tensor lies; None where its description does not hold together."""
    if not isinstance(tensor, dict) or set(tensor) != {"dtype", "shape", "data_offsets"}:
        return None
    bits, shape, offsets = _BITS.get(str(tensor["dtype"])), tensor["shape"], tensor["data_offsets"]
    if bits is None or not _numbers(shape) or not _numbers(offsets) or len(offsets) != 2:
        return None
    begins, ends = offsets
    return (begins, ends) if (ends - begins) * 8 == prod(shape) * bits else None


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(number) is int and number >= 0 for number in value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found
