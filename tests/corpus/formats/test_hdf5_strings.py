import struct

import numpy as np
import pytest

h5py = pytest.importorskip("h5py")

from topicgen.corpus.formats.hdf5_strings import check_heaps, check_references  # noqa: E402


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["words"] = np.array(["bank", "rate"] * 20, dtype=object)
        file.attrs["title"] = "words"
    return path


def replaced(path, at, data):
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    path.write_bytes(content)


def test_sound_strings_pass(path):
    check_heaps(path)
    with h5py.File(path) as file:
        check_references(file["words"], path)


def test_a_heap_without_an_end_is_refused(path):
    content = path.read_bytes()
    at = content.index(b"GCOL") + 16
    while number := struct.unpack_from("<H", content, at)[0]:
        assert number
        at += 16 + -(-struct.unpack_from("<Q", content, at + 8)[0] // 8) * 8
    replaced(path, at + 8, bytes(8))
    with pytest.raises(ValueError, match=r"the heap at byte [0-9]+ is damaged"):
        check_heaps(path)


def test_a_string_longer_than_its_file_is_refused(path):
    with h5py.File(path) as file:
        at = file["words"].id.get_offset()
    replaced(path, at + 16 * 3, struct.pack("<I", 2**31))
    with h5py.File(path) as file, pytest.raises(ValueError, match="longer than the file"):
        check_references(file["words"], path)


@pytest.mark.parametrize("content", [b"", b"GCOL\x01\0\0\0", b"GCOL\x01\0\0\0" + b"\xff" * 24])
def test_what_is_no_heap_passes(tmp_path, content):
    (path := tmp_path / "a").write_bytes(content)
    check_heaps(path)
