import numpy as np
import pytest

from topicgen.evaluation.ratio import error_of_mean, ratio_of_sums


def test_ratio_by_hand():
    # r = 10 / 4; the deviations are 9 - 7.5 and 1 - 2.5, and the mean size is 2.
    ratio, error = ratio_of_sums(np.array([9.0, 1.0]), np.array([3.0, 1.0]))
    assert ratio == 2.5
    assert error == pytest.approx(np.sqrt(2 * 1.5**2 / 2) / 2)


def test_of_documents_of_one_size_it_is_the_mean_and_its_error():
    values = np.random.default_rng(0).normal(size=50)
    ratio, error = ratio_of_sums(values, np.full(50, 4.0))
    assert ratio == pytest.approx(values.mean() / 4)
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(50) / 4)
    assert error_of_mean(values - values.mean()) == pytest.approx(error * 4)


def test_a_single_document_has_no_error():
    ratio, error = ratio_of_sums(np.array([3.0]), np.array([2.0]))
    assert ratio == 1.5
    assert np.isnan(error)
