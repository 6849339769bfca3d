import io
import zipfile

import numpy as np
import pytest

from topicgen.corpus.reading.array_headers import ArrayHeader, check_arrays, read_array_header


@pytest.mark.parametrize("array", [np.zeros((2, 3)), np.array(["a", "bcd"]), np.array(7, "i2")])
@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_a_header_says_how_many_bytes_follow(array, version):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version)
    size = file.tell()
    file.seek(0)
    header = read_array_header(file)
    assert header == (array.shape, array.dtype)
    assert header.n_bytes == array.nbytes == size - file.tell()
    assert header.is_filled_by(array.nbytes)
    assert not header.is_filled_by(array.nbytes + 1)


def test_a_negative_shape_is_never_filled():
    header = ArrayHeader((-2, -3), np.dtype("f8"))
    assert header.n_bytes == 48
    assert not header.is_filled_by(48)


def test_arrays_of_objects_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.arange(3), b=np.array([{}]))
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        first, second = archive.infolist()
        check_arrays(archive, [first])
        with pytest.raises(ValueError, match=r"b\.npy holds Python objects"):
            check_arrays(archive, [first, second])
