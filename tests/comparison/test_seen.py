import numpy as np
import pytest

from topicgen import Corpus, TopicModel
from topicgen.comparison.readings import read
from topicgen.comparison.seen import fitted_to
from topicgen.corpus import Document, Vectorizer

N_NEW = 30


@pytest.fixture(scope="module")
def model(planted_texts):
    """A model fitted to all documents but the last."""
    return TopicModel(3, max_epochs=1, random_state=0).fit(planted_texts[:-N_NEW])


def is_fitted_to(model, X):
    return fitted_to(read({"model": model}, X, top_n=5)) == ["model"]


def test_all_or_some_of_the_documents_and_more(model, planted_texts):
    assert is_fitted_to(model, planted_texts[:-N_NEW])
    assert is_fitted_to(model, planted_texts[::-1])
    rows = np.setdiff1d(np.arange(len(planted_texts) - N_NEW), model.validation_indices_)
    assert is_fitted_to(model, [planted_texts[row] for row in rows[:10]])


def test_held_out_documents(model, planted_texts):
    assert not is_fitted_to(model, planted_texts[-N_NEW:])
    # Those that the fit held out itself were not in training either.
    assert not is_fitted_to(model, [planted_texts[row] for row in model.validation_indices_])


def test_at_least_half_of_the_documents_count(model, planted_texts):
    rows = np.setdiff1d(np.arange(len(planted_texts) - N_NEW), model.validation_indices_)
    seen, new = [planted_texts[row] for row in rows[:9]], planted_texts[-N_NEW:]
    assert is_fitted_to(model, seen + new[:9])
    assert not is_fitted_to(model, seen + new[:10])
    # Repetitions and empty documents are not further documents.
    assert not is_fitted_to(model, seen * 3 + new[:10])
    assert is_fitted_to(model, seen + new[:9] * 3 + ["", "zzz"])


def test_a_saved_model_and_a_corpus_of_other_words(model, planted_texts, tmp_path):
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    documents = [Document(f"{text} zzz", id=text) for text in planted_texts[:-N_NEW]]
    assert is_fitted_to(loaded, Corpus.from_documents(documents, Vectorizer()))


def test_a_model_that_keeps_no_documents_is_not_known(model, planted_texts, tmp_path):
    model.save(tmp_path / "model", documents=False)
    assert not is_fitted_to(TopicModel.load(tmp_path / "model"), planted_texts)
