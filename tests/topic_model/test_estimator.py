import _thread
import json
import os
import signal
import stat
import threading
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_array, csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from torch.distributions import Binomial, Categorical, Normal, Poisson

import topicgen
from topicgen import Corpus, TopicModel, Vectorizer
from topicgen.corpus import Document
from topicgen.distributions import Finite
from topicgen.errors import InputError
from topicgen.evaluation import normalized_mutual_information, split_tokens
from topicgen.gradients import Mean
from topicgen.models import COUNT_ESTIMATORS, LEARNING_ESTIMATORS, LIKELIHOODS
from topicgen.training import Trainer, initial_topics

TOPICS = np.arange(120) % 3
LAWS = {
    "negative_binomial": "negative_binomial",
    "poisson": "poisson",
    "geometric": "geometric",
    "binomial": "binomial",
    "a law": Poisson(torch.tensor(3.0)),
    "a law for each topic": Poisson(torch.tensor([2.0, 3.0, 4.0])),
    "a law in double precision": Poisson(torch.tensor(3.0, dtype=torch.float64)),
    "a law with an end": Binomial(10, probs=torch.tensor(0.3)),
    "masses": Finite(torch.zeros(6), torch.tensor([0.0, 1.0, 2.0, 4.0, 8.0, 16.0])),
    "masses for each topic": Finite(torch.zeros(3, 6), torch.arange(6.0)),
}


@pytest.fixture(scope="module")
def fitted(planted_texts):
    return TopicModel(3, random_state=0, max_epochs=20).fit(planted_texts)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore:expected counts of words, got numbers with fractions")
def test_scikit_learn_finds_nothing_to_object_to():
    results = check_estimator(TopicModel(max_epochs=3), on_fail=None)
    bad = [(r["check_name"], str(r["exception"])) for r in results if r["status"] == "failed"]
    assert bad == []
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    # scikit-learn skips this one itself, unless its array API is switched on.
    assert skipped <= {"check_array_api_input"}


def finds_the_planted(model, planted_counts):
    doc_topic = model.fit_transform(planted_counts)
    assert normalized_mutual_information(TOPICS, doc_topic.argmax(1)) > 0.95
    found = {tuple(sorted(int(word) // 10 for word in words)) for words in model.top_words(10)}
    assert found == {(0,) * 10, (1,) * 10, (2,) * 10}


@pytest.mark.parametrize("latent", LAWS)
def test_planted_topics_come_back(planted_counts, latent):
    model = TopicModel(3, random_state=0, latent=LAWS[latent], max_epochs=10)
    finds_the_planted(model, planted_counts)
    model.set_params(inference="implicit", refinement=5, gradient_estimator="gengs_st")
    finds_the_planted(model, planted_counts)


@pytest.mark.parametrize("estimator", [*COUNT_ESTIMATORS, *LEARNING_ESTIMATORS])
def test_training_finds_the_planted_topics_from_random_ones(planted_counts, estimator, monkeypatch):
    """One start in six ends with two topics in one; these are none of them.

    Without a baseline hardly a start ends with all topics, so that "reinforce" starts at clusters.
    """
    if estimator != "reinforce":
        monkeypatch.setattr(initial_topics, "cluster_topics", lambda counts, *_: np.zeros((0, 30)))
    seed = 3 if estimator in ("relax", "nvil") else 2
    model = TopicModel(3, random_state=seed, gradient_estimator=estimator, max_epochs=30)
    finds_the_planted(model, planted_counts)


def test_an_estimator_of_ones_own_is_taken_by_its_name(planted_counts, monkeypatch):
    monkeypatch.setitem(COUNT_ESTIMATORS, "two_means", lambda temperature: Mean(n_samples=2))
    ours, theirs = (
        TopicModel(3, random_state=0, gradient_estimator=name, max_epochs=2).fit(planted_counts)
        for name in ("two_means", "mean")
    )
    np.testing.assert_allclose(ours.components_, theirs.components_, atol=1e-5)


@pytest.mark.parametrize("options", [{"background": True}, {"token_dropout": 0}], ids=str)
def test_planted_topics_come_back_with(planted_counts, options):
    n_topics = 4 if "background" in options else 3
    model = TopicModel(n_topics, random_state=0, max_epochs=10, **options)
    doc_topic = model.fit_transform(planted_counts)[:, :3]
    assert normalized_mutual_information(TOPICS, doc_topic.argmax(1)) > 0.95
    if "background" in options:
        frequency = planted_counts.sum(0) / planted_counts.sum()
        np.testing.assert_allclose(model.components_[3:], frequency, atol=0.01)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_planted_topics_come_back_whatever_the_likelihood(planted_counts, likelihood):
    finds_the_planted(
        TopicModel(3, random_state=0, likelihood=likelihood, max_epochs=10), planted_counts
    )


def test_transform_times_components_is_a_distribution(fitted, planted_texts):
    doc_topic = fitted.transform(planted_texts)
    np.testing.assert_allclose(doc_topic.sum(1), 1, atol=1e-12)
    np.testing.assert_allclose(fitted.components_.sum(1), 1, atol=1e-12)
    np.testing.assert_allclose((doc_topic @ fitted.components_).sum(1), 1, atol=1e-12)


def test_document_completion_is_what_transform_predicts(fitted, planted_texts):
    counts = fitted.vectorizer_.transform(planted_texts)
    observed, held_out = split_tokens(counts, random_state=0)
    predicted = fitted.transform(observed) @ fitted.components_
    log_likelihood = (held_out.toarray() * np.log(predicted)).sum()
    expected = np.exp(-log_likelihood / held_out.sum())
    assert fitted.perplexity(planted_texts) == pytest.approx(expected, rel=1e-9)


def test_bounds_are_ordered(fitted, planted_texts):
    elbo = fitted.perplexity(planted_texts, method="elbo", n_samples=50)
    iwae = fitted.perplexity(planted_texts, method="iwae")
    assert 10 < iwae < elbo < 30
    tokens = fitted.vectorizer_.transform(planted_texts).sum()
    assert fitted.score(planted_texts) == pytest.approx(-np.log(elbo), abs=0.05)
    assert tokens == 120 * 40
    assert fitted.perplexity(planted_texts, average="document") < 30


def test_the_same_seed_gives_the_same_model(planted_counts):
    first, second = (
        TopicModel(3, random_state=7, max_epochs=3).fit(planted_counts) for _ in range(2)
    )
    assert np.array_equal(first.components_, second.components_)
    other = TopicModel(3, random_state=8, max_epochs=3).fit(planted_counts)
    assert not np.array_equal(first.components_, other.components_)


def test_global_random_state_and_threads_are_left_alone(planted_counts):
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    threads = torch.get_num_threads()
    expected = torch.rand(1), np.random.random()  # noqa: NPY002
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    model = TopicModel(3, random_state=0, max_epochs=2).fit(planted_counts)
    model.perplexity(planted_counts, method="elbo")
    assert (torch.rand(1), np.random.random()) == expected  # noqa: NPY002
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("form", [csr_matrix, csr_array, np.asarray, pd.DataFrame])
def test_every_form_of_counts_gives_the_same_topics(planted_counts, form):
    expected = TopicModel(3, random_state=0, max_epochs=2).fit(planted_counts)
    X = form(planted_counts.toarray() if form in (np.asarray, pd.DataFrame) else planted_counts)
    if form is pd.DataFrame:
        X.columns = [f"word{column}" for column in X.columns]
    model = TopicModel(3, random_state=0, max_epochs=2).fit(X)
    np.testing.assert_array_equal(model.components_, expected.components_)
    if form is pd.DataFrame:
        assert model.top_words(1)[0][0].startswith("word")


def test_corpus_brings_its_words_and_its_recipe(planted_texts):
    documents = [Document(text, id=f"d{i}") for i, text in enumerate(planted_texts)]
    corpus = Corpus.from_documents(documents, Vectorizer())
    model = TopicModel(3, random_state=0, max_epochs=2).fit(corpus)
    assert model.vocabulary_ == corpus.vocabulary
    np.testing.assert_array_equal(model.transform(corpus), model.transform(planted_texts))
    assert model.get_document_info(corpus).id.tolist() == corpus.ids


def test_a_document_without_known_words_keeps_its_row(fitted, planted_texts):
    doc_topic = fitted.transform([planted_texts[0], "unheard"])
    np.testing.assert_allclose(doc_topic[1], 1 / 3, atol=0.05)
    assert doc_topic[0].max() > 0.8


def test_posterior(fitted, planted_texts):
    posterior = fitted.posterior(planted_texts)
    assert posterior.tokens.shape == posterior.proportions.shape == (120, 3)
    # The fast answer and the exact one agree about what a document of one topic is about.
    found = fitted.transform(planted_texts)
    np.testing.assert_array_equal(posterior.proportions.argmax(1), found.argmax(1))
    np.testing.assert_allclose(posterior.proportions, found, atol=0.15)


def test_refinement_is_of_what_transform_says(fitted, planted_texts):
    refined = clone(fitted).set_params(refinement=3).fit(planted_texts)
    np.testing.assert_array_equal(refined.components_, fitted.components_)
    # Fewer topics in a document, as the class says.
    assert (
        refined.transform(planted_texts).max(1).mean()
        > fitted.transform(planted_texts).max(1).mean()
    )


def test_counts_grow_with_a_document_where_its_length_is_modelled(planted_counts):
    model = TopicModel(3, likelihood="poisson", max_epochs=2, random_state=0).fit(planted_counts)
    short, long = (model.posterior(n * planted_counts).counts.sum(1).mean() for n in (1, 4))
    assert long / short == pytest.approx(4, rel=0.05)


def test_tables(fitted, planted_texts):
    info = fitted.get_topic_info(top_n=4)
    estimates = ["tokens", "presence", "amount", "dispersion"]
    with_ends = [name + end for name in estimates for end in ("", "_low", "_high")]
    assert list(info.columns) == ["topic", "name", "share", *with_ends, "words"]
    for name in estimates:
        assert (info[f"{name}_low"] <= info[name]).all()
        assert (info[name] <= info[f"{name}_high"]).all()
    assert info.share.sum() == pytest.approx(1)
    assert info.share.is_monotonic_decreasing
    # Every document is of 40 tokens from one of the three topics.
    assert info.tokens.sum() == pytest.approx(40, rel=0.05)
    np.testing.assert_allclose(info.tokens, 40 * info.share, rtol=0.1)
    topic = fitted.get_topic(1, top_n=5)
    assert topic.word.tolist() == fitted.top_words(5)[1]
    assert topic.relevance.is_monotonic_decreasing
    documents = fitted.get_document_info(planted_texts)
    assert documents.tokens.tolist() == [40] * 120
    assert documents.share.between(1 / 3, 1).all()
    assert list(fitted.history_.columns) == [
        "epoch",
        "temperature",
        "log_likelihood",
        "perplexity",
    ]
    assert fitted.get_feature_names_out().tolist() == [f"topicmodel{k}" for k in range(3)]


def test_partial_fit_learns_and_continues_after_loading(planted_counts, tmp_path):
    model = TopicModel(3, random_state=1)
    for _ in range(10):
        model.partial_fit(planted_counts)
    assert normalized_mutual_information(TOPICS, model.transform(planted_counts).argmax(1)) > 0.9
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    before = loaded.components_.copy()
    assert not np.array_equal(loaded.partial_fit(planted_counts).components_, before)


def test_partial_fit_can_be_interrupted_before_it_has_learnt(planted_counts, monkeypatch):
    monkeypatch.setattr(Trainer, "_epoch", interrupt)
    with pytest.raises(KeyboardInterrupt):
        TopicModel(3).partial_fit(planted_counts)


def interrupt(*_):
    raise KeyboardInterrupt


def test_saved_model_is_bit_identical(fitted, planted_texts, tmp_path):
    fitted.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.transform(planted_texts), fitted.transform(planted_texts))
    assert loaded.get_params(deep=False) == fitted.get_params(deep=False)
    assert loaded.top_words() == fitted.top_words()
    assert loaded.diagnostics_ == fitted.diagnostics_
    pd.testing.assert_frame_equal(loaded.history_, fitted.history_)
    assert loaded.perplexity(planted_texts, "elbo") == fitted.perplexity(planted_texts, "elbo")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "config.json",
        "documents.safetensors",
        "training.safetensors",
        "vocabulary.json",
        "weights.safetensors",
    ]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_files_of_a_model_have_the_mode_that_the_umask_allows(fitted, tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        fitted.save(tmp_path / "model")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "model").iterdir()}
    assert modes == {mode}


def test_a_model_says_what_it_was_fitted_to(planted_texts, planted_counts):
    documents = [Document(text, id=str(row)) for row, text in enumerate(planted_texts)]
    corpus = Corpus.from_documents(documents, Vectorizer(), source="news.csv")
    tokens = [text.split() for text in planted_texts]
    inputs = {"texts": planted_texts, "token lists": tokens, "corpus": corpus}
    for kind, X in (inputs | {"counts": planted_counts}).items():
        origin = TopicModel(3, max_epochs=1).fit(X).fitted_.origin
        assert (origin.input, origin.source) == (kind, "news.csv" if kind == "corpus" else None)
        assert (origin.n_documents, origin.n_words, origin.n_tokens) == (120, 30, 4800)
        assert origin.topicgen == topicgen.__version__
        assert datetime.fromisoformat(origin.date).tzinfo is not None


def test_the_search_over_numbers_of_numpy_is_saved(planted_counts, tmp_path):
    grid = {"n_components": np.arange(2, 4), "separation": np.array([0.0], dtype=np.float32)}
    base = TopicModel(max_epochs=np.int64(1), learn_prior=np.True_, device=torch.device("cpu"))
    best = GridSearchCV(base, grid, cv=2).fit(planted_counts).best_estimator_
    best.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.n_components == best.n_components
    assert loaded.device == "cpu"
    np.testing.assert_array_equal(loaded.components_, best.components_)


def test_a_loaded_model_refits_with_its_own_recipe(planted_texts, tmp_path):
    vectorizer = Vectorizer(ngram_range=(1, 2), min_df=1, stop_words=frozenset(["qaa"]))
    model = TopicModel(3, vectorizer=vectorizer, max_epochs=1, random_state=0).fit(planted_texts)
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert not hasattr(loaded.vectorizer, "vocabulary_")
    loaded.fit(planted_texts)
    assert loaded.vocabulary_ == model.vocabulary_
    np.testing.assert_array_equal(loaded.components_, model.components_)


@pytest.mark.parametrize(
    "parameters",
    [
        {"inference": "implicit"},
        {"latent": "poisson"},
        {"likelihood": "poisson"},
        {"n_components": 7, "upper_components": (5,)},
        {"smoothing": 3.0},
        {"truncation": 3},
        {"refinement": 3},
    ],
    ids=str,
)
def test_parameters_set_after_the_fit_make_no_model_that_scores_otherwise(
    planted_counts, tmp_path, parameters
):
    model = TopicModel(3, max_epochs=2, random_state=0).fit(planted_counts)
    model.set_params(**parameters).save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.get_params() == model.get_params()
    np.testing.assert_array_equal(loaded.transform(planted_counts), model.transform(planted_counts))
    for method in ("document_completion", "elbo", "iwae"):
        assert loaded.perplexity(planted_counts, method) == model.perplexity(planted_counts, method)


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
@pytest.mark.parametrize("latent", LAWS)
def test_every_law_is_saved_bit_identical(planted_counts, tmp_path, latent, inference):
    options = {"latent": LAWS[latent], "inference": inference, "refinement": 2, "max_epochs": 1}
    model = TopicModel(3, random_state=0, **options).fit(planted_counts)
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    np.testing.assert_array_equal(loaded.components_, model.components_)
    np.testing.assert_array_equal(loaded.transform(planted_counts), model.transform(planted_counts))
    theirs, ours = loaded.posterior(planted_counts), model.posterior(planted_counts)
    np.testing.assert_array_equal(theirs.sample(), ours.sample())
    pd.testing.assert_frame_equal(loaded.get_topic_info(), model.get_topic_info())
    assert loaded.score(planted_counts) == model.score(planted_counts)


def test_a_loaded_law_can_be_trained_further_and_anew(planted_counts, tmp_path):
    TopicModel(3, latent=LAWS["a law"], max_epochs=1).fit(planted_counts).save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    rate = loaded.model_.prior.mean.numpy()
    loaded.partial_fit(planted_counts)
    np.testing.assert_allclose(loaded.model_.prior.mean, rate, rtol=1e-6)
    again = clone(loaded).fit(planted_counts)
    np.testing.assert_allclose(again.model_.prior.mean, rate, rtol=1e-6)


def test_model_whose_parts_disagree_is_refused(fitted, tmp_path, reseal):
    fitted.save(tmp_path / "model")
    (tmp_path / "model" / "vocabulary.json").write_text(json.dumps(["one"]))
    reseal(tmp_path / "model")
    with pytest.raises(InputError, match=r"do not belong together .*1 words for 30 columns"):
        TopicModel.load(tmp_path / "model")


def test_interrupt_leaves_the_best_weights(planted_counts):
    model = TopicModel(3, random_state=0, max_epochs=3_000, patience=3_000)
    timer = threading.Timer(1.5, _thread.interrupt_main)
    # A shell's background job starts with Ctrl-C ignored, and the tests may be one.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            model.fit(planted_counts)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert model.transform(planted_counts).shape == (120, 3)
    assert 0 < model.n_epochs_ < 3_000


def test_early_stopping_restores_the_best_epoch(planted_counts):
    model = TopicModel(3, random_state=0, max_epochs=500, patience=3).fit(planted_counts)
    perplexity = model.history_.perplexity
    assert model.n_epochs_ < 500
    assert perplexity.argmin() == len(perplexity) - 4
    assert 0 < len(model.validation_indices_) < 120


def test_temperature_is_annealed(planted_counts):
    model = TopicModel(3, random_state=0, temperature=(1.0, 0.5), max_epochs=5, patience=9)
    temperature = model.fit(planted_counts).history_.temperature
    assert temperature.iloc[-1] == 0.5
    assert temperature.is_monotonic_decreasing


def test_in_a_pipeline_and_a_grid_search(planted_texts):
    pipeline = make_pipeline(CountVectorizer(), TopicModel(3, random_state=0, max_epochs=2))
    assert pipeline.fit_transform(planted_texts).shape == (120, 3)
    search = GridSearchCV(TopicModel(max_epochs=2, random_state=0), {"n_components": [2, 3]}, cv=2)
    search.fit(csr_matrix(CountVectorizer().fit_transform(planted_texts)))
    assert search.best_params_["n_components"] in (2, 3)
    model = TopicModel(3, vectorizer=Vectorizer(min_df=2))
    assert clone(model).set_params(vectorizer__min_df=3).vectorizer.min_df == 3


def test_set_output(planted_texts):
    model = TopicModel(3, max_epochs=2).set_output(transform="pandas")
    frame = model.fit(planted_texts).transform(planted_texts)
    assert list(frame.columns) == list(model.get_feature_names_out())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components must be a positive integer, got 0"),
        ({"n_components": 2.5}, "n_components must be .* got 2.5"),
        ({"latent": "gamma"}, "latent must be .*'poisson'.* got 'gamma'"),
        ({"latent": Poisson(torch.ones(2))}, r"expected .* latent .* \(20,\), got \(2,\)"),
        ({"latent": Normal(0.0, 1.0)}, "latent must be .* got Normal"),
        ({"latent": Categorical(torch.ones(3))}, "latent must be .* got Categorical"),
        ({"latent": Finite(torch.zeros(2), torch.tensor([-1.0, 1.0]))}, "latent must be .*, got"),
        ({"latent": Finite(torch.zeros(2), torch.tensor([0.5, 1.0]))}, "latent must be .*, got"),
        ({"latent": Finite(torch.zeros(2), torch.eye(2))}, "latent must be .*, got"),
        ({"likelihood": "gamma"}, "likelihood must be 'multinomial' or .* got 'gamma'"),
        ({"refinement": -1}, "refinement must be a non-negative integer, got -1"),
        (
            {"truncation": 0},
            "truncation must be 'auto' or a positive integer up to 16,777,216, got 0",
        ),
        ({"prior_count": 0}, "prior_count must be 'auto' or a positive number, got 0"),
        ({"learn_prior": 1}, "learn_prior must be True or False, got 1"),
        ({"separation": -0.1}, "separation must be a non-negative number, got -0.1"),
        ({"inference": "exact"}, "inference must be 'explicit' or 'implicit', got 'exact'"),
        ({"gradient_estimator": "x"}, "gradient_estimator must be one of 'gengs', .* got 'x'"),
        (
            {"gradient_estimator": "enumeration"},
            "gradient_estimator must be .* got 'enumeration'",
        ),
        ({"gradient_estimator": ["eat"]}, r"gradient_estimator must be .* got \['eat'\]"),
        (
            {"gradient_estimator": "eat", "latent": "binomial"},
            "'eat' needs .* other than 'binomial'",
        ),
        (
            {"gradient_estimator": "eat", "encoder": "network"},
            "'eat' needs Poisson counts, but encoder='network' with latent=",
        ),
        ({"temperature": 0}, "temperature must be a positive number, or a pair"),
        ({"temperature": (1, -1)}, r"got \(1, -1\)"),
        ({"token_dropout": 1.0}, "token_dropout must be a number of at least 0 and below 1"),
        ({"max_epochs": "many"}, "max_epochs must be 'auto' or a positive integer"),
        ({"device": "abacus"}, "device must be 'auto', 'cpu' or 'cuda', got 'abacus'"),
    ],
)
def test_bad_parameters(planted_counts, parameters, message):
    with pytest.raises(InputError, match=message):
        TopicModel(**parameters).fit(planted_counts)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (np.array([[1.0, np.nan], [1, 1]]), "NaN"),
        (np.array([[1.0, np.inf], [1, 1]]), "infinity"),
        (np.array([[1.0, -1], [1, 1]]), "Negative values"),
        (np.zeros((5, 4)), "none of the 5 documents has words"),
        (["only one text here"], "too many for n_samples = 1 .* at most 1 topics"),
        ("a single text", "list"),
        (["a text", None], "index 1"),
        (["the of and", "and the"], "stop words"),
    ],
)
def test_bad_documents(X, message):
    with pytest.raises(ValueError, match=message) as caught:
        TopicModel(2).fit(X)
    if isinstance(caught.value, InputError):
        assert "\n" not in str(caught.value)


def test_bad_use_of_a_fitted_model(fitted, planted_counts):
    with pytest.raises(NotFittedError):
        TopicModel().transform(planted_counts)
    with pytest.raises(ValueError, match="X has 4 features, but TopicModel is expecting 30"):
        fitted.transform(np.ones((2, 4)))
    with pytest.raises(
        InputError, match="method must be one of document_completion, document_completion_in_seq"
    ):
        fitted.perplexity(planted_counts, method="gamma")
    with pytest.raises(InputError, match="topics are numbered from 0 to 2, got 3"):
        fitted.get_topic(3)
    other = Corpus(csr_matrix(np.eye(2)), ["a", "b"], ["1", "2"])
    with pytest.raises(
        InputError, match="the corpus must have the model's 30 words, got 30 missing"
    ):
        fitted.transform(other)
    of_counts = TopicModel(3, max_epochs=1).fit(planted_counts)
    with pytest.raises(InputError, match="fitted to counts and cannot read texts"):
        of_counts.transform(["a text"])


SAME = np.tile([3, 1, 0, 2], (30, 1))
DEGENERATE = {
    "one document": SAME[:1],
    "identical documents, a word that none has": SAME,
    "one word": np.full((40, 1), 5),
    "two words": np.random.default_rng(0).poisson(2.0, (60, 2)),
    "one token each": np.eye(8)[np.arange(60) % 8],
    "a million tokens": np.vstack([SAME, np.full((1, 4), 250_000)]),
    "a million tokens alone": np.array([[10**6, 1, 0]]),
    "empty rows": np.vstack([SAME, np.zeros((30, 4))]),
    "more topics than clusters": np.repeat([[2, 2, 0, 0], [0, 0, 1, 1]], 30, axis=0),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_documents_train_to_something_finite(name):
    X = DEGENERATE[name]
    for latent, inference in [("negative_binomial", "explicit"), ("binomial", "implicit")]:
        options = {"inference": inference, "latent": latent, "refinement": 1, "max_epochs": 2}
        model = TopicModel(2 if len(X) < 60 else 6, random_state=0, **options)
        doc_topic = model.fit_transform(X)
        np.testing.assert_allclose((doc_topic @ model.components_).sum(1), 1, rtol=1e-9)
        assert np.isfinite(model.posterior(X).proportions).all()
        assert np.isfinite(model.history_.to_numpy()).all()
        for method in ("document_completion", "elbo", "iwae"):
            assert np.isfinite(model.perplexity(X, method, n_samples=2))


def test_diagnostics_tell_what_went_badly(planted_counts):
    good = TopicModel(3, random_state=0, max_epochs=10, validation_fraction=0.2)
    good.fit(planted_counts)
    assert good.diagnostics_.warnings == []
    assert good.diagnostics_.active_topics == 3
    bad = TopicModel(3, random_state=0, max_epochs=2, truncation=4).fit(planted_counts)
    assert any("raise truncation" in warning for warning in bad.diagnostics_.warnings)


def test_learn_prior_is_what_moves_the_prior(planted_counts):
    uneven = planted_counts[np.r_[np.arange(0, 120, 3), [1, 2] * 4]]
    options = {"prior_count": 30, "max_epochs": 5, "random_state": 0}
    fixed = TopicModel(3, learn_prior=False, **options).fit(uneven).model_.prior_mean
    np.testing.assert_allclose(fixed, 10)
    learnt = TopicModel(3, **options).fit(uneven)
    assert learnt.model_.prior_mean.argmax() == learnt.transform(uneven[:1]).argmax()
    assert learnt.model_.prior_mean.max() > 2 * learnt.model_.prior_mean.min()


def test_a_training_that_diverges_says_so(planted_counts):
    with pytest.raises(InputError, match=r"at learning_rate=1e\+30; lower it"):
        TopicModel(3, learning_rate=1e30, max_epochs=2, random_state=0).fit(planted_counts)


def test_a_model_saved_before_it_was_a_parameter_was_separated_by_probability(
    planted_counts, tmp_path
):
    TopicModel(3, max_epochs=1, random_state=0).fit(planted_counts).save(tmp_path / "model")
    path = tmp_path / "model" / "config.json"
    config = json.loads(path.read_text())
    assert config["parameters"].pop("separation_measure") == "distinctive"
    path.write_text(json.dumps({**config, "format_version": 5}))
    assert TopicModel.load(tmp_path / "model").separation_measure == "probability"


def test_short_documents_are_read_alike_after_loading(planted_counts, tmp_path):
    model = TopicModel(3, max_epochs=2, random_state=0).fit(planted_counts)
    usual_length = model.model_.usual_length
    assert usual_length == pytest.approx(
        planted_counts.sum() / planted_counts.shape[0] / 2, rel=0.1
    )
    model.save(tmp_path / "model")
    again = TopicModel.load(tmp_path / "model")
    few = csr_matrix(np.eye(planted_counts.shape[1], dtype=int))
    assert np.array_equal(again.transform(few), model.transform(few))
    assert again.model_.usual_length == usual_length
