from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from topicgen.covariates import Design
from topicgen.effects import Imputed, TokenDraws
from topicgen.errors import InputError

N = 6
METADATA = pd.DataFrame(
    {
        "party": list("abbaab"),
        "year": [1999.0, 2001.0, 2002.0, 2001.0, 2005.0, 2007.0],
        "author": ["eve", "bob", "bob", "eve", "ann", "ann"],
        "paper": ["x", "y", "z", "x", None, "y"],
    }
)
# The fit had two documents more, without words.
ROWS = np.array([0, 1, 3, 4, 6, 7])


def imputed(formula="~ party + year"):
    design, covariates = Design.of(formula, METADATA, N)
    random = np.random.default_rng(0)
    draws = TokenDraws.of(random.multinomial(20, [0.2, 0.3, 0.5], (3, N)))
    everything = METADATA.iloc[[0, 1, 1, 2, 3, 3, 4, 5]].reset_index(drop=True)
    return Imputed(draws, design, covariates, ROWS, 8, everything)


@pytest.mark.parametrize("formula", ["~ party + year", "~ party + (1 | author)"])
def test_arrays_hold_all_but_the_metadata(formula):
    one = imputed(formula)
    arrays = one.to_arrays()
    again = Imputed.from_arrays(arrays, one.design)
    assert again.metadata is None
    assert (again.draws.counts != one.draws.counts).nnz == 0
    assert again.draws.draw(2).tolist() == one.draws.draw(2).tolist()
    np.testing.assert_array_equal(again.draws.lengths, one.draws.lengths)
    np.testing.assert_array_equal(again.covariates.matrix, one.covariates.matrix)
    np.testing.assert_array_equal(again.rows, ROWS)
    assert again.n_rows == 8
    for found, expected in zip(again.covariates.groups, one.covariates.groups, strict=True):
        np.testing.assert_array_equal(found, expected)
    assert arrays["topics"].dtype == np.uint8
    assert all(isinstance(value, np.ndarray) for value in arrays.values())


def test_many_topics_fit():
    one = imputed()
    tokens = np.zeros((N, 300))
    tokens[:, 299] = 5
    many = replace(one, draws=TokenDraws.of([tokens]))
    again = Imputed.from_arrays(many.to_arrays(), one.design)
    assert again.draws.draw(0)[:, 299].tolist() == [5.0] * N


@pytest.mark.parametrize(
    "change",
    [
        {"lengths": np.ones(4)},
        {"matrix": np.ones((N, 1))},
        {"rows": np.arange(3)},
        {"starts": np.array([0, 1, 2])},
        {"topics": np.full(3, 200, dtype=np.uint8)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_arrays_that_do_not_belong_together_are_refused(change):
    one = imputed()
    with pytest.raises(ValueError, match=r"."):
        Imputed.from_arrays(one.to_arrays() | change, one.design)


def test_a_missing_array_is_named():
    one = imputed()
    arrays = one.to_arrays()
    del arrays["lengths"]
    with pytest.raises(KeyError, match="lengths"):
        Imputed.from_arrays(arrays, one.design)


# -- clusters --------------------------------------------------------------------------------


def test_documents_are_on_their_own_without_a_grouping():
    assert imputed().clusters(None) is None


@pytest.mark.parametrize("cluster", [None, "author"])
def test_the_first_grouping_is_the_default(cluster):
    found = imputed("~ party + (1 | author)").clusters(cluster)
    assert pd.factorize(found)[0].tolist() == [0, 1, 1, 0, 2, 2]


def test_a_column_that_is_in_no_formula():
    one = imputed()
    assert pd.factorize(one.clusters("author"))[0].tolist() == [0, 1, 1, 0, 2, 2]


@pytest.mark.parametrize("kind", [list, np.array, pd.Series, tuple])
def test_values_for_each_document_of_the_fit(kind):
    values = kind([5, 7, 7, 7, 5, 5, 9, 9])
    # Of the documents without words, in rows 2 and 5, nothing is needed.
    assert imputed().clusters(values).tolist() == [0, 1, 1, 0, 2, 2]


def test_missing_values_of_documents_without_words_do_not_matter():
    values = [5, 7, None, 7, 5, None, 9, 9]
    assert imputed().clusters(values).tolist() == [0, 1, 1, 0, 2, 2]


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        ("nobody", r"cluster to be a column .*\('party', .* got 'nobody'; name one of these"),
        ("partyy", r"got 'partyy'; did you mean 'party'\?"),
        ("paper", "expected cluster to have a value for each document, got 1 missing"),
        (["x"] * 8, "expected cluster to sort the documents into two or more groups"),
        ([1, 2], "expected cluster with 8 values, .* got 2"),
        (3, "expected cluster with a value for each document, got 3"),
        (
            np.ones((8, 2)),
            "expected cluster with one value for each document, got a ndarray of shape",
        ),
        ({"author": 1}, "expected cluster with a value for each document, got"),
    ],
)
def test_clusters_that_cannot_be_used_are_refused_in_one_line(cluster, message):
    with pytest.raises(InputError, match=message) as caught:
        imputed().clusters(cluster)
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_stored():
    one = imputed("~ party + (1 | author)")
    loaded = Imputed.from_arrays(one.to_arrays(), one.design)
    assert loaded.clusters("author").tolist() == one.clusters("author").tolist()
    expected = r"column 'paper' is not stored in the model folder; .* formula of the fit, \(1 \|"
    with pytest.raises(InputError, match=expected) as caught:
        loaded.clusters("paper")
    assert "\n" not in str(caught.value)
    assert loaded.clusters([1, 2, 2, 2, 1, 1, 3, 3]).tolist() == [0, 1, 1, 0, 2, 2]
