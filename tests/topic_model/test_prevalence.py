import json

import numpy as np
import pandas as pd
import pytest
import torch

from topicgen.errors import InputError
from topicgen.topic_model.prevalence import Prevalence

METADATA = pd.DataFrame(
    {
        "party": list("abbaab"),
        "year": [1990.0, 2000.0, 2010.0, 2000.0, 2005.0, 2015.0],
        "author": ["eve", "bob", "bob", "eve", "ann", "ann"],
    }
)
ROWS = np.arange(6)


def known(formula="~ party + year + (1 | author)", metadata=METADATA, rows=ROWS):
    return Prevalence.of(formula, metadata, rows, len(metadata))


def test_covariates_are_standardized_over_documents_with_words():
    rows = np.array([0, 1, 2, 4])
    prevalence, covariates = known(rows=rows)
    matrix = prevalence.standardized(covariates, torch.float64).select(torch.tensor(rows)).matrix
    np.testing.assert_allclose(matrix.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(matrix.std(0, correction=0), 1)
    assert covariates.matrix.shape == (6, 2)
    np.testing.assert_allclose(prevalence.center, [0.5, 2001.25])


def test_documents_as_the_model_takes_them():
    prevalence, covariates = known()
    found = prevalence.standardized(covariates, torch.float32)
    assert found.matrix.dtype == torch.float32
    assert found.levels.tolist() == covariates.groups[0][:, None].tolist()
    bare, covariates = known("~ year")
    assert bare.standardized(covariates, torch.float32).levels.shape == (6, 0)
    groups, covariates = known("~ (1 | author)")
    assert groups.standardized(covariates, torch.float32).matrix.shape == (6, 0)


def test_new_documents_are_measured_as_those_of_the_fit():
    prevalence, covariates = known()
    again = prevalence.read(METADATA, 6)
    expected = prevalence.standardized(covariates, torch.float64)
    assert torch.equal(again.matrix, expected.matrix)
    assert torch.equal(again.levels, expected.levels)
    new = pd.DataFrame({"party": ["b"], "year": [2003.0], "author": ["zoe"]})
    found = prevalence.read(new, 1)
    np.testing.assert_allclose(found.matrix, ([[1, 2003]] - prevalence.center) / prevalence.scale)
    assert found.levels.tolist() == [[-1]]
    assert prevalence.read(new[["party", "year"]], 1).levels.tolist() == [[-1]]


def test_columns_of_a_term_are_one_term_of_the_function():
    metadata = METADATA.assign(party=list("abcabc"))
    function = known("~ year + party", metadata)[0].function(4)
    assert function.coefficients.shape == (3, 4)
    assert function.terms.tolist() == [0, 1, 1]
    assert not function.coefficients.any()
    assert known()[0].function(4).intercepts(0).shape == (3, 4)


def test_what_is_known_of_documents():
    prevalence, _ = known()
    assert prevalence.is_known(METADATA)
    assert prevalence.is_known(METADATA[["year", "party"]])
    assert not prevalence.is_known(METADATA[["year"]])
    assert not prevalence.is_known(None)


@pytest.mark.parametrize("formula", ["~ party * year + (1 | author)", "~ s(year, df=3)"])
def test_json_holds_all(formula):
    prevalence, _ = known(formula)
    again = Prevalence.from_config(json.loads(json.dumps(prevalence.to_config())))
    assert again.design == prevalence.design
    np.testing.assert_array_equal(again.center, prevalence.center)
    np.testing.assert_array_equal(again.scale, prevalence.scale)
    assert torch.equal(again.read(METADATA, 6).matrix, prevalence.read(METADATA, 6).matrix)


@pytest.mark.parametrize("name", ["center", "scale"])
def test_a_config_that_does_not_fit_is_refused(name):
    config = known()[0].to_config()
    with pytest.raises(ValueError, match="means and"):
        Prevalence.from_config(config | {name: [1.0]})


@pytest.mark.parametrize("value", [1.0, 0.1])
def test_what_is_the_same_in_all_documents_with_words_is_refused(value):
    """The standard deviation of many times .1 is not exactly 0."""
    metadata = pd.DataFrame({"year": range(20), "size": [3.0, 4.0] + [value] * 18})
    with pytest.raises(InputError, match=r"among the 18 documents with words: .*'size'") as caught:
        known("~ year + size", metadata, np.arange(2, 20))
    assert "\n" not in str(caught.value)
