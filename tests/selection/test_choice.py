import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen import Selection, TopicModel, select_k
from topicgen.errors import InputError
from topicgen.selection import GridPoint


def point(k, log_prob, coherence=(0.3,), diversity=(0.9,), stability=0.8):
    """Scores of documents of a token each; log_prob has a row a seed."""
    log_prob = np.array(log_prob, dtype=float)
    return GridPoint(
        n_components=k,
        log_prob=log_prob,
        n_tokens=np.ones(log_prob.shape[1]),
        coherence=np.broadcast_to(np.array(coherence, dtype=float), len(log_prob)),
        diversity=np.broadcast_to(np.array(diversity, dtype=float), len(log_prob)),
        stability=stability,
        seconds=np.arange(1.0, 1 + len(log_prob)),
    )


def test_a_row_known_by_hand():
    """Log-probabilities -1, -1 and -1.5, -2.5: differences .5 and 1.5, of mean 1 and s.e. .5."""
    table = Selection([point(4, [[-1, -1]]), point(2, [[-1.5, -2.5]])]).table
    assert table["n_components"].tolist() == [2, 4]
    np.testing.assert_allclose(table["perplexity"], np.exp([2, 1]))
    np.testing.assert_allclose(table["perplexity_error"], [0.5 * np.exp(2), 0], atol=1e-12)
    np.testing.assert_allclose(table["gap"], [1, 0], atol=1e-12)
    np.testing.assert_allclose(table["gap_error"], [0.5, 0])
    np.testing.assert_allclose(table["quality"], 0.27)
    for column in ("perplexity", "coherence", "diversity", "quality"):
        assert table[f"{column}_sd"].isna().all()


def test_seeds_are_averaged_and_widen_the_error():
    """Rates -1 and -3 (sd sqrt 2) and 0, 0: the gap is 2, its error over two seeds sqrt(2 / 2)."""
    table = Selection(
        [point(2, [[-1, -1], [-3, -3]], (0.2, 0.4), (0.5, 1)), point(4, [[0, 0]] * 2)]
    )
    row = table.table.iloc[0]
    assert row["perplexity"] == pytest.approx(np.exp(2))
    assert (row["gap"], row["gap_error"]) == pytest.approx((2, 1))
    assert (row["coherence"], row["coherence_sd"]) == pytest.approx((0.3, 0.02**0.5))
    assert row["quality"] == pytest.approx((0.1 + 0.4) / 2)
    assert row["seconds"] == 1.5


def test_documents_are_paired():
    """Documents differ by far more than two models do on each: the difference is sure all the same.

    Unpaired, the standard error would be about 29, of a gap of 1.
    """
    hard = -np.linspace(0, 100, 50)
    table = Selection([point(2, [hard - 1]), point(4, [hard])]).table
    assert table["gap_error"].max() < 1e-9
    assert table["perplexity_error"][1] / table["perplexity"][1] > 4


def test_recommends_the_most_stable_of_those_that_predict_best():
    """9 topics predict best, 5 within two standard errors of it."""
    few, enough, many = [-4, -4, -4], [-2.11, -1.8, -2.1], [-2, -1.9, -2.1]
    points = [
        point(k, [rows] * 2, stability=s)
        for k, rows, s in ((2, few, 0.9), (5, enough, 0.8), (9, many, 0.7))
    ]
    selection = Selection(points)
    assert (selection.n_enough, selection.n_components, selection.conclusive) == (5, 5, True)
    assert "prediction as good as with 9 topics" in selection.reason
    unstable = [point(5, [enough] * 2, stability=0.4), point(9, [many] * 2, stability=0.4)]
    selection = Selection([points[0], *unstable])
    assert (selection.n_enough, selection.n_components, selection.conclusive) == (5, 2, False)


def test_one_seed_is_not_conclusive():
    log_prob = [[-3, -3]], [[-2, -2]], [[-2.1, -2.1]]
    one = [
        point(k, rows, q, stability=np.nan)
        for k, rows, q in zip((2, 5, 9), log_prob, (0.3, 0.2, 0.4), strict=True)
    ]
    selection = Selection(one)
    assert (selection.n_enough, selection.n_components, selection.conclusive) == (5, 2, False)
    assert selection.reason.startswith("One seed cannot tell the number of topics")


def test_nothing_to_choose_from_is_refused():
    with pytest.raises(
        InputError, match="expected the scores of at least one number of topics in points"
    ):
        Selection([])


def test_shows_the_choice():
    both = Selection([point(4, [[-1, -1]]), point(2, [[-2, -2]])])
    assert repr(both) == "Selection(n_components=4, of [2, 4])"


def zipf_documents(k, n_documents, length, seed):
    """k topics of 60 words of falling frequency; 40% of the tokens come from one distribution."""
    random = np.random.default_rng(seed)
    noise = random.permutation(1 / np.arange(1, 401))
    own = 1 / np.arange(3, 63)
    topics = np.zeros((k, 400))
    for topic in topics:
        topic[random.choice(400, 60, replace=False)] = own / own.sum()
    words = 0.6 * topics + 0.4 * noise / noise.sum()
    proportions = random.dirichlet(np.full(k, 0.1), n_documents)
    return csr_matrix([random.multinomial(length, d @ words) for d in proportions])


BRIEF = TopicModel(max_epochs=25, batch_size=64)


def test_finds_the_planted_number_among_noise():
    """With documents of 20 seeds, 0 to 19, it found all 20: an error rate below 14% (95% level)."""
    selection = select_k(zipf_documents(4, 300, 60, seed=0), (2, 4, 8), n_seeds=2, estimator=BRIEF)
    assert (selection.n_components, selection.conclusive) == (4, True)


def test_says_so_where_documents_are_too_short_to_tell():
    """Documents of 20 seeds, 0 to 19, were never conclusive; in 18 of them no number is stable."""
    selection = select_k(
        zipf_documents(12, 300, 6, seed=2), (4, 12, 24), n_seeds=2, estimator=BRIEF
    )
    assert not selection.conclusive
    assert selection.reason.startswith("These documents cannot tell the number of topics")


def test_a_selection_shows_its_table_and_its_reason(parsed):
    selection = Selection([point(4, [[-1, -1]] * 2), point(2, [[-1.5, -2.5]] * 2)])
    found = parsed(selection._repr_html_())
    assert f"{selection.n_components}, recommended" in found.text
    assert selection.reason in found.text
    assert "1.000 ± 0.500" in found.text
