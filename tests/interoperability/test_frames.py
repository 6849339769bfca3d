"""Data frames of pandas, polars and pyarrow: as documents, and of what we return."""

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel

YEARS = [1999, 2001, 2002] * 40


def table(package, columns):
    if package == "pandas":
        return pd.DataFrame(columns)
    other = pytest.importorskip(
        package, reason=f"{package} is not installed: pip install {package}"
    )
    return other.table(columns) if package == "pyarrow" else other.DataFrame(columns)


@pytest.mark.parametrize("package", ["pandas", "polars", "pyarrow"])
def test_documents_with_metadata(model, planted_texts, package):
    """A frame with texts gives what the texts give, with the other columns as metadata."""
    frame = table(package, {"text": planted_texts, "year": YEARS})
    np.testing.assert_array_equal(model.transform(frame), model.transform(planted_texts))
    assert model.get_document_info(frame)["year"].tolist() == YEARS
    over_time = model.topics_over_time(frame, "year", freq="year", n_draws=8)
    assert over_time["time"].unique().tolist() == [1999, 2000, 2001, 2002]
    again = TopicModel(3, max_epochs=20, random_state=0).fit(frame)
    np.testing.assert_array_equal(again.components_, model.components_)


@pytest.mark.parametrize("package", ["polars", "pyarrow"])
def test_tables_that_we_return(model, planted_texts, package):
    other = pytest.importorskip(
        package, reason=f"{package} is not installed: pip install {package}"
    )
    read = other.from_pandas if package == "polars" else other.Table.from_pandas
    for found in (
        model.get_topic_info(X=planted_texts),
        model.get_topic(0),
        model.get_document_info(planted_texts, metadata={"year": YEARS}),
        model.topics_over_time(planted_texts, YEARS, freq="year", n_draws=8),
        model.topics_per_class(planted_texts, YEARS, n_draws=8),
        model.representative_documents(0, X=planted_texts).drop(columns="spans"),
        model.get_topic_tree(),
        model.history_,
    ):
        theirs = read(found).to_pandas()
        assert list(theirs.columns) == list(found.columns)
        numbers = found.select_dtypes("number").columns
        pd.testing.assert_frame_equal(theirs[numbers], found[numbers], check_dtype=False)
