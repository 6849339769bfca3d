import numpy as np

from topicgen.corpus.storage.arrays import ArrayWriter


def test_grows_by_parts_of_any_type(tmp_path):
    with ArrayWriter(tmp_path / "a.npy", np.int32) as writer:
        for part in ([1.0, 2.0], [], np.arange(5)[::2]):
            writer.append(np.array(part))
        assert writer.length == 5
    written = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert written.tolist() == [1, 2, 0, 2, 4]
    assert written.dtype == np.int32


def test_header_holds_any_length(tmp_path):
    path = tmp_path / "a.npy"
    with ArrayWriter(path, np.int8) as writer:
        empty = path.stat().st_size
        for _ in range(30):
            writer.append(np.zeros(100_000))
    assert len(np.load(path)) == 3_000_000
    assert path.stat().st_size == 3_000_000 + np.lib.format.open_memmap(path).offset
    assert empty <= 128


def test_nothing_appended(tmp_path):
    ArrayWriter(tmp_path / "a.npy", np.int64).close()
    assert np.load(tmp_path / "a.npy").shape == (0,)
