"""scikit-learn takes our counts, our vectorizer and our model for its own."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_svmlight_file
from sklearn.decomposition import NMF, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.manifold import trustworthiness
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline

from topicgen import TopicModel
from topicgen.corpus import Corpus, Vectorizer
from topicgen.corpus.formats import write_corpus
from topicgen.evaluation import from_sklearn, match_topics

LABELS = np.array(["a", "b", "c"] * 40)


def topics(n_components=3, **options):
    return TopicModel(n_components, max_epochs=10, random_state=0, **options)


@pytest.fixture
def planted(planted_counts):
    words = [f"q{column}" for column in range(30)]
    return Corpus(planted_counts, words, list(map(str, range(120))), LABELS)


@pytest.mark.parametrize(
    "other", [LatentDirichletAllocation(3, random_state=0), NMF(3, random_state=0)]
)
def test_its_models_of_our_counts(planted, other):
    """The topics are the planted ones, and ours."""
    proportions = other.fit_transform(planted.counts)
    assert proportions.shape == (120, 3)
    found = from_sklearn(other, planted.vocabulary)
    ours = topics().fit(planted)
    assert match_topics(found.topic_word, ours.components_).similarity.min() > 0.8


def test_its_weights_of_our_counts(planted):
    weights = TfidfTransformer().fit_transform(planted.counts)
    np.testing.assert_allclose(weights.power(2).sum(1).A1, 1)


def test_our_vectorizer_before_its_classifier(planted_texts):
    pipeline = make_pipeline(Vectorizer(), TfidfTransformer(), LogisticRegression())
    assert cross_val_score(pipeline, planted_texts, LABELS, cv=3).min() == 1
    search = GridSearchCV(pipeline, {"vectorizer__min_df": [1, 5]}, cv=2)
    assert search.fit(planted_texts, LABELS).best_score_ == 1


def test_its_vectorizer_before_our_model(planted_texts):
    pipeline = make_pipeline(CountVectorizer(), topics()).fit(planted_texts)
    shares = pipeline.transform(planted_texts)
    assert accuracy_score(shares.argmax(1), shares[:3].argmax(1)[np.arange(120) % 3]) == 1
    assert pipeline.get_feature_names_out().tolist() == [f"topicmodel{k}" for k in range(3)]


def test_a_search_for_the_number_of_topics(planted_texts):
    """The number that predicts the labels best, of a model that its classifier follows."""
    pipeline = make_pipeline(topics(), LogisticRegression(C=100))
    grid = {"topicmodel__n_components": [1, 3], "topicmodel__separation": [0.0, 0.015]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(planted_texts, LABELS)
    assert search.best_params_["topicmodel__n_components"] == 3
    assert search.best_score_ > 0.95
    assert search.predict(planted_texts[:3]).tolist() == ["a", "b", "c"]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_frames_as_output(planted_texts, package):
    pytest.importorskip(package, reason=f"{package} is not installed: pip install {package}")
    pipeline = make_pipeline(topics()).set_output(transform=package)
    frame = pipeline.fit_transform(planted_texts)
    assert type(frame).__module__.startswith(package)
    assert list(frame.columns) == pipeline.get_feature_names_out().tolist()
    bare = topics().fit(planted_texts).transform(planted_texts)
    np.testing.assert_allclose(frame.to_numpy(), bare)


def test_topics_next_to_other_features(planted_texts):
    frame = pd.DataFrame({"text": planted_texts, "year": np.arange(120)})
    columns = ColumnTransformer(
        [("topics", topics(), "text"), ("year", "passthrough", ["year"])]
    ).set_output(transform="pandas")
    found = columns.fit_transform(frame)
    names = [f"topics__topicmodel{k}" for k in range(3)]
    assert list(found.columns) == [*names, "year__year"]
    union = FeatureUnion([("topics", topics()), ("words", Vectorizer())])
    assert union.fit_transform(planted_texts).shape == (120, 33)


def test_proportions_keep_neighbours(planted_texts, planted_counts):
    """Its measures take what ``transform`` returns."""
    shares = topics().fit_transform(planted_texts)
    assert 0.5 < trustworthiness(planted_counts.toarray(), shares, n_neighbors=5) <= 1


def test_it_reads_our_svmlight_files(planted, tmp_path):
    numbered = Corpus(planted.counts, planted.vocabulary, planted.ids, np.arange(120) % 3)
    write_corpus(numbered, tmp_path / "a.svmlight")
    counts, labels = load_svmlight_file(tmp_path / "a.svmlight", n_features=30)
    np.testing.assert_array_equal(counts.toarray(), planted.counts.toarray())
    assert labels.tolist() == [row % 3 for row in range(120)]
