import numpy as np

from topicgen.effects import TokenDraws

FIRST, SECOND = np.array([[3, 0], [1, 1]]), np.array([[2, 1], [0, 2]])


def test_draws_are_kept_in_their_order():
    draws = TokenDraws.of(np.asarray(draw, dtype=np.float32) for draw in (FIRST, SECOND))
    assert (draws.n_draws, draws.n_documents, draws.n_topics) == (2, 2, 2)
    assert draws.draw(0).tolist() == FIRST.tolist()
    assert draws.draw(1).tolist() == SECOND.tolist()
    assert draws.draw(1).dtype == np.float64
    assert draws.lengths.tolist() == [3.0, 2.0]
    assert draws.mean.tolist() == [[2.5, 0.5], [0.5, 1.5]]


def test_only_what_is_there_is_kept():
    draws = TokenDraws.of([np.eye(50)] * 3)
    assert draws.counts.nnz == 150
    assert draws.counts.dtype == np.uint16


def test_many_tokens_fit():
    draws = TokenDraws.of([np.array([[70_000, 3]])])
    assert draws.draw(0).tolist() == [[70_000.0, 3.0]]
    assert draws.counts.dtype == np.uint32
