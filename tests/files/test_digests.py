"""Checksums of files, and of a text that holds its own."""

import hashlib

import pytest

from topicgen.errors import InputError
from topicgen.files.digests import UNKNOWN, has_own_digest, sha256, with_own_digest


def test_sha256_is_that_of_hashlib(tmp_path) -> None:
    data = bytes(range(256)) * 10_000  # more than one block
    (tmp_path / "a").write_bytes(data)
    assert sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_sha256_of_a_link_is_refused(tmp_path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(InputError, match="a symbolic link"):
        sha256(tmp_path / "b")


def test_any_flipped_bit_of_a_text_with_its_own_digest_is_found() -> None:
    text = with_own_digest(f'{{"sha256": "{UNKNOWN}", "n": 1}}\n')
    digest = text[12:76]
    data = text.encode()
    assert has_own_digest(data, digest)
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        found = bytes(flipped[12:76]).decode("latin-1")
        assert not has_own_digest(bytes(flipped), found)


def test_a_text_without_one_place_for_its_digest() -> None:
    with pytest.raises(ValueError, match="one place"):
        with_own_digest("none")
