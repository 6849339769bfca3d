import numpy as np
import pytest

from topicgen.evaluation.token_draws import draw_halves


@pytest.mark.parametrize("seed", range(20))
def test_half_of_each_document_is_drawn_and_no_entry_more_than_it_has(seed):
    random = np.random.default_rng(seed)
    document = np.sort(random.integers(0, 9, 40))
    amounts = random.integers(0, 10 ** random.integers(1, 17, 40))
    drawn = draw_halves(amounts, document, random)
    assert (drawn >= 0).all()
    assert (drawn <= amounts).all()
    for d in range(9):
        assert sum(drawn[document == d].tolist()) == sum(amounts[document == d].tolist()) // 2


def test_documents_without_tokens():
    random = np.random.default_rng(0)
    nothing = np.array([], dtype=np.int64)
    assert draw_halves(nothing, nothing, random).size == 0
    # Documents 0 and 2 have no entry, document 1 a single token, document 3 none.
    assert draw_halves(np.array([1, 0]), np.array([1, 3]), random).tolist() == [0, 0]


def test_few_draws_are_made_whatever_the_counts():
    """Of 10**16 tokens, by a dozen draws for each entry at most."""

    class Counting(np.random.Generator):
        n_draws = 0

        def binomial(self, n, p):
            self.n_draws += np.size(n)
            return super().binomial(n, p)

    random = Counting(np.random.PCG64(0))
    amounts = np.full(10_000, 2**40)
    document = np.repeat(np.arange(1000), 10)
    draw_halves(amounts, document, random)
    assert random.n_draws < 12 * amounts.size
