import numpy as np

from topicgen.covariates.labels import Labels, coded


def test_codes_of_levels():
    values = np.array(["b", None, "a", 2], dtype=object)
    assert coded(values, ("a", "b", 2)).tolist() == [1, -1, 0, 2]


def test_indicators_have_a_column_per_level():
    labels = Labels(np.array([2, 0]), ("a", "b", "c"))
    assert labels.indicators().tolist() == [[0, 0, 1], [1, 0, 0]]
