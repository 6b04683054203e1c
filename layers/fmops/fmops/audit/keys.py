"""The public half of the key that signs heads: from KMS, or from a file where there is no AWS."""

from fmops.core.errors import BadInput
from fmops.signin.rs256 import PublicKey


def of_spki(der: bytes) -> PublicKey:
    """The RSA key in a SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 8017 appendix A.1.1), as GetPublicKey gives it.

    BadInput for anything else.
    """
    try:
        tag, outer, rest = _value(der)
        algorithm_tag, _, bits = _value(outer)
        bits_tag, content, after = _value(bits)
        # The bit string begins with the number of bits that are left out at its end: none.
        sequence_tag, key, behind = _value(content[1:])
        n_tag, n, more = _value(key)
        e_tag, e, end = _value(more)
    except IndexError as error:
        raise BadInput("the public key is cut off") from error
    if (tag, algorithm_tag, bits_tag, sequence_tag, n_tag, e_tag) != (0x30, 0x30, 0x03, 0x30, 0x02, 0x02):
        raise BadInput("the public key is no RSA key in DER")
    if rest or after or behind or end or content[:1] != b"\0":
        raise BadInput("the public key has something behind it")
    return PublicKey(int.from_bytes(n), int.from_bytes(e))


def _value(data: bytes) -> tuple[int, bytes, bytes]:
    """Tag, content and what is behind it, of one DER value. IndexError where it is cut off."""
    length, start = data[1], 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[2 : 2 + size]), 2 + size
    if start + length > len(data):
        raise IndexError
    return data[0], data[start : start + length], data[start + length :]
