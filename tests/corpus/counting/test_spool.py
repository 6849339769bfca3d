import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.corpus.counting.spool import Spool

BLOCKS = [
    (0, csr_matrix(np.array([[0, 2], [0, 0], [70_000, 1]], dtype=np.int32))),
    (0, csr_matrix((0, 2), dtype=np.int32)),
    (3, csr_matrix((2, 9), dtype=np.int32)),
]


@pytest.mark.parametrize("on_disk", [False, True])
def test_blocks_come_back_in_order_and_more_than_once(tmp_path, on_disk):
    spool = Spool(tmp_path if on_disk else None)
    for number, counts in BLOCKS:
        spool.append(number, counts)
    for _ in range(2):
        back = list(spool)
        assert [number for number, _ in back] == [0, 0, 3]
        for (_, counts), (_, expected) in zip(back, BLOCKS, strict=True):
            np.testing.assert_array_equal(counts.toarray(), expected.toarray())


@pytest.mark.parametrize("on_disk", [False, True])
def test_no_blocks(tmp_path, on_disk):
    assert list(Spool(tmp_path if on_disk else None)) == []
