"""A fitted model and a corpus with everything known of its documents, for other packages."""

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.corpus import Corpus


@pytest.fixture(scope="session")
def model(planted_texts) -> TopicModel:
    """Three topics of ten words each."""
    return TopicModel(3, max_epochs=20, random_state=0).fit(planted_texts)


@pytest.fixture
def corpus() -> Corpus:
    """Three documents, the second empty, of four words, the last unused; labels and metadata."""
    metadata = pd.DataFrame(
        {
            "party": ["x", None, "y"],
            "year": [1999, 2000, 2001],
            "seats": pd.array([1, None, 2], dtype="Int64"),
            "share": [0.5, np.nan, 0.25],
            "new": [True, False, True],
        }
    )
    return Corpus(
        counts=[[1, 0, 12, 0], [0, 0, 0, 0], [0, 3, 0, 0]],
        vocabulary=["日本", "bank", "größer", "zzz"],
        ids=["sport/1.txt", "7", "ü"],
        labels=["x", "", "größer"],
        metadata=metadata,
    )
