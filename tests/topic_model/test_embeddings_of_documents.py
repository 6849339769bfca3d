"""Embeddings through all methods of ``TopicModel``: each document's own come to the encoder."""

import json

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from sklearn.base import clone

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.models.encoders import Unfolded
from topicgen.training import steps

N, N_WORDS = 90, 24


def documents(n=N, seed=0):
    """Documents of two topics; some have no words."""
    topics = np.random.default_rng(9).dirichlet(np.full(N_WORDS, 0.5), 2)
    random = np.random.default_rng(seed)
    counts = np.stack([random.multinomial(20, topics[d % 2]) for d in range(n)])
    counts[::9] = 0
    return csr_matrix(counts.astype(np.float64))


def own(counts):
    """The counts themselves as embeddings, by which a test knows whose they are."""
    return counts.toarray()


class Watch:
    """Checks that the encoder sees each document with its own embeddings."""

    def __init__(self):
        self.center, self.scale = np.zeros(0), np.zeros(0)
        self.n_seen = 0

    def of(self, counts):
        vectors = own(counts)[np.diff(counts.indptr) > 0]
        self.center, self.scale = vectors.mean(0), vectors.std(0)
        self.scale[self.scale == 0] = 1
        return self

    def check(self, seen, known):
        assert known is not None
        assert known.embeddings is not None
        vectors = known.embeddings.numpy() * self.scale + self.center
        words = np.zeros(vectors.shape)
        columns, rows = seen.columns.numpy(), seen.rows.numpy()
        assert len(seen) == len(vectors)
        if seen.n_columns == N_WORDS:
            words[rows, columns] = seen.values.numpy()
            assert (words <= vectors + 1e-2).all()  # some tokens may be hidden
        totals = np.bincount(rows, seen.values.numpy(), len(seen))
        assert (totals <= vectors.sum(1) + 0.1).all()
        self.n_seen += 1


@pytest.fixture
def watch(monkeypatch):
    """The counts of a document are its embedding, and the encoder checks that."""
    found, encode = Watch(), Unfolded.encode

    def encode_and_check(encoder, model, seen):
        if model.topic_logits.shape[1] == N_WORDS:  # that of a layer reads the counts of topics
            found.check(seen.documents.copied(), model.known)
        return encode(encoder, model, seen)

    monkeypatch.setattr(Unfolded, "encode", encode_and_check)
    monkeypatch.setattr(steps, "DROPOUT", 0.0)
    return found


def model_of(**options):
    return TopicModel(2, **{"random_state": 0, "max_epochs": 2, "batch_size": 16, **options})


def fitted(watch, **options):
    counts = documents()
    watch.of(counts)
    return model_of(**options).fit(counts, embeddings=own(counts)), counts


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"inference": "implicit"},
        {"validation_fraction": 0.0},
        {"likelihood": "poisson"},
        {"upper_components": (1,)},
    ],
    ids=["explicit", "implicit", "nothing held out", "poisson", "layers"],
)
def test_a_fit_gives_each_document_its_own(watch, options):
    model, counts = fitted(watch, **options)
    assert watch.n_seen > 8
    new = documents(30, seed=1)
    assert model.transform(new, embeddings=own(new)).shape == (30, 2)
    # In an order of its own.
    order = np.arange(N)[::-1]
    found = model.transform(counts[order], embeddings=own(counts)[order])
    np.testing.assert_allclose(found, model.transform(counts, embeddings=own(counts))[order])


def test_a_fit_with_covariates_too(watch):
    counts = documents()
    watch.of(counts)
    metadata = {"x": np.arange(float(N)), "g": ["a", "b"] * (N // 2)}
    model = model_of(prevalence="~ x", content="g")
    doc_topic = model.fit_transform(counts, metadata=metadata, embeddings=own(counts))
    again = model.transform(counts, metadata=metadata, embeddings=own(counts))
    np.testing.assert_array_equal(doc_topic, again)


def test_further_documents_come_with_theirs(watch):
    counts = documents()
    watch.of(counts)
    model = model_of().partial_fit(counts, embeddings=own(counts))
    center = model.fitted_.embedding.center
    new = documents(40, seed=1)
    before = watch.n_seen
    model.partial_fit(new, embeddings=own(new))
    assert watch.n_seen > before
    assert model.fitted_.embedding.center is center  # what was learnt refers to these
    with pytest.raises(InputError, match="fitted with embeddings of 24 dimensions and needs those"):
        model.partial_fit(new)


def test_a_refit_has_those_of_the_last_fit(watch):
    model, _ = fitted(watch)
    before = watch.n_seen
    model.refit(separation=0.1)
    assert watch.n_seen > before
    new = documents(60, seed=1)
    watch.of(new)
    model.refit(new, embeddings=own(new))
    assert model.fitted_.embedding.n_dimensions == N_WORDS


def asked(model):
    """What a model can be asked of documents."""
    n = range(30)
    return {
        "transform": lambda X, **given: model.transform(X, **given),
        "posterior": lambda X, **given: model.posterior(X, **given).tokens,
        "fast": lambda X, **given: model.posterior(X, fast=True, **given).tokens,
        "info": lambda X, **given: model.get_document_info(X, **given),
        "topics": lambda X, **given: model.get_topic_info(X=X, **given),
        "representatives": lambda X, **given: model.representative_documents(X=X, **given),
        "explain": lambda X, **given: model.explain(X[1], **{"embeddings": own(X[1])} | given),
        "perplexity": lambda X, **given: model.perplexity(X, **given),
        "elbo": lambda X, **given: model.perplexity(X, "elbo", n_samples=2, **given),
        "iwae": lambda X, **given: model.perplexity(X, "iwae", n_samples=2, **given),
        "ais": lambda X, **given: model.perplexity(X, "ais", n_samples=2, **given),
        "perplexities": lambda X, **given: model.get_perplexities(X, "elbo", **given),
        "log-likelihood": lambda X, **given: model.document_log_likelihood(X, **given),
        "score": lambda X, **given: model.score(X, **given),
        "time": lambda X, **given: model.topics_over_time(X, [1990 + d % 3 for d in n], **given),
        "classes": lambda X, **given: model.topics_per_class(X, ["a", "b"] * 15, **given),
        "changes": lambda X, **given: model.topic_changes(X, [1990 + d // 5 for d in n], **given),
        "merges": lambda X, **given: model.suggest_merges(X=X, **given),
        "merge": lambda X, **given: model.merge([0, 1], X, **given),
        "drop": lambda X, **given: model.drop([1], X, **given),
    }


METHODS = list(asked(None))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_each_document_its_own(watch, method):
    model, _ = fitted(watch)
    new = documents(30, seed=1)
    before = watch.n_seen
    given = {} if method == "explain" else {"embeddings": own(new)}
    asked(model)[method](new, **given)
    assert watch.n_seen > before


@pytest.mark.parametrize("method", METHODS)
def test_every_method_asks_for_embeddings(watch, method):
    model, _ = fitted(watch)
    with pytest.raises(InputError, match="embeddings of 24 dimensions and needs those of"):
        asked(model)[method](documents(30, seed=1), embeddings=None)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_refuses_those_that_nothing_reads(method):
    counts = documents()
    model = model_of().fit(counts)
    with pytest.raises(InputError, match="reads no embeddings, as it was fitted without"):
        asked(model)[method](documents(30, seed=1), embeddings=np.ones((30, 2)))


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (np.ones((30, 3)), "embeddings of 24 dimensions, got 3; use the same sentence encoder"),
        (np.ones((29, 24)), "a row for each of the 30 documents, got 29 rows"),
        (np.full((30, 24), np.nan), "got nan in row 0, column 0"),
    ],
)
def test_embeddings_of_other_kinds_are_refused(watch, embeddings, message):
    model, _ = fitted(watch)
    with pytest.raises(InputError, match=message):
        model.transform(documents(30), embeddings=embeddings)


def test_a_fit_that_fails_at_embeddings_changes_nothing(watch):
    model, counts = fitted(watch)
    before = model.fitted_
    with pytest.raises(InputError, match="got 3 rows"):
        model.fit(counts, embeddings=np.ones((3, 2)))
    assert model.fitted_ is before


def test_a_fit_without_any_forgets_those_before(watch, monkeypatch):
    model, counts = fitted(watch)
    monkeypatch.undo()
    model.fit(counts)
    assert model.fitted_.embedding is None
    assert model.transform(counts).shape == (N, 2)


# -- saving ----------------------------------------------------------------------------------


def test_a_saved_model_reads_them_alike(watch, tmp_path):
    model, counts = fitted(watch)
    model.save(tmp_path / "model")
    again = TopicModel.load(tmp_path / "model")
    ours, theirs = (one.transform(counts, embeddings=own(counts)) for one in (model, again))
    np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(InputError, match="or set the parameter embedder, which is not saved"):
        again.transform(counts)


def test_documents_that_are_kept_come_with_theirs(watch, tmp_path):
    model, _ = fitted(watch)
    model.save(tmp_path / "model")
    again = TopicModel.load(tmp_path / "model")
    for one in (model, again):
        before = watch.n_seen
        assert one.merge([0, 1]).cost is not None
        assert watch.n_seen > before
        one.undo()
    kept = again.fitted_.kept
    assert kept.embeddings.dtype == np.float16  # a third of the folder otherwise
    assert len(kept.embeddings) == len(kept.rows)


def of_structure(config, training, documents):
    config["structure"]["encoder_input"] = "words"


def of_another_input(config, training, documents):
    config["structure"]["encoder_input"] = ["words"]


def of_the_standardisation(config, training, documents):
    del training["embedding.scale"]


def of_its_size(config, training, documents):
    for name in ("embedding.center", "embedding.scale"):
        training[name] = training[name][1:]


def of_documents(config, training, documents):
    documents["embeddings"] = documents["embeddings"][:, 1:]


def of_no_documents(config, training, documents):
    del documents["embeddings"]


@pytest.mark.parametrize(
    "change",
    [
        of_structure,
        of_another_input,
        of_the_standardisation,
        of_its_size,
        of_documents,
        of_no_documents,
    ],
)
def test_a_tampered_folder_is_refused_in_one_line(watch, tmp_path, change, reseal):
    model, _ = fitted(watch)
    folder = tmp_path / "model"
    model.save(folder)
    training, documents = (
        load_file(folder / f"{name}.safetensors") for name in ("training", "documents")
    )
    config = json.loads((folder / "config.json").read_text())
    change(config, training, documents)
    save_file(training, folder / "training.safetensors")
    save_file(documents, folder / "documents.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    reseal(folder)
    with pytest.raises(InputError, match="do not belong together") as error:
        TopicModel.load(folder).merge([0, 1])
    assert "\n" not in str(error.value)


# -- functions -------------------------------------------------------------------------------

TEXTS = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20


def letters(texts):
    """An embedder: how often each letter occurs."""
    return np.array([[text.count(letter) for letter in "abcdefghij"] for text in texts], float)


@pytest.mark.parametrize(
    "X",
    [TEXTS, pd.Series(TEXTS), pd.DataFrame({"text": TEXTS, "year": range(40)})],
    ids=["list", "series", "frame"],
)
def test_a_function_embeds_the_texts(X):
    given = model_of().fit(X, embeddings=letters)
    array = model_of().fit(X, embeddings=letters(TEXTS))
    np.testing.assert_array_equal(given.components_, array.components_)
    np.testing.assert_array_equal(given.fitted_.embedding.center, letters(TEXTS).mean(0))
    found = given.transform(TEXTS, embeddings=letters)
    np.testing.assert_array_equal(found, given.transform(TEXTS, embeddings=letters(TEXTS)))


def test_a_generator_is_read_once_for_both():
    model = model_of().fit(iter(TEXTS), embeddings=letters)
    np.testing.assert_array_equal(model.fitted_.embedding.center, letters(TEXTS).mean(0))
    with pytest.raises(InputError, match="texts that can be read twice, got a list_iterator"):
        model.transform(iter(TEXTS), embeddings=letters)


def test_an_embedder_is_a_parameter(tmp_path):
    model = model_of(embedder=letters).fit(TEXTS)
    assert clone(model).embedder is letters
    found = model.transform(TEXTS)
    np.testing.assert_array_equal(found, model.transform(TEXTS, embeddings=letters(TEXTS)))
    model.save(tmp_path / "model")
    again = TopicModel.load(tmp_path / "model")
    assert again.embedder is None
    with pytest.raises(InputError, match="needs those of the documents; pass embeddings"):
        again.transform(TEXTS)
    np.testing.assert_array_equal(again.set_params(embedder=letters).transform(TEXTS), found)
    with pytest.raises(InputError, match="embedder must be a function from texts to their embeddi"):
        model_of(embedder="all-MiniLM-L6-v2").fit(TEXTS)


def test_a_search_embeds_each_part():
    from sklearn.model_selection import GridSearchCV

    sizes = []

    def counted(texts):
        sizes.append(len(texts))
        return letters(texts)

    search = GridSearchCV(model_of(embedder=counted), {"separation": [0.0, 0.01]}, cv=2)
    search.fit(TEXTS)
    assert sizes.count(20) == 8  # to fit and to score, twice two times
    assert sizes.count(40) == 1
    assert search.best_estimator_.transform(TEXTS).shape == (40, 2)


def test_a_document_without_words_has_topics_by_its_embedding(watch):
    model, counts = fitted(watch)
    info = model.get_document_info(counts, embeddings=own(counts), empty="missing")
    assert info["topic"].notna().all()
    assert np.isfinite(model.transform(counts, embeddings=own(counts), empty="missing")).all()


def test_unknown_words_are_no_surprise_where_embeddings_are_read(recwarn):
    model = model_of().fit(TEXTS, embeddings=letters)
    foreign = ["katzen schnurren und schlafen"] * 20
    assert model.transform(foreign, embeddings=letters).shape == (20, 2)
    assert not recwarn.list


# -- what the encoder reads ------------------------------------------------------------------


@pytest.mark.parametrize("encoder", ["unfolded", "network"])
def test_an_encoder_can_read_embeddings_alone(encoder):
    counts = documents()
    model = model_of(encoder=encoder, encoder_input="embeddings")
    model.fit(counts, embeddings=own(counts))
    found = model.transform(counts, embeddings=own(counts))
    # So the words of documents make no difference, as if they were of another language.
    again = model.transform(counts[::-1] * 0, embeddings=own(counts))
    np.testing.assert_allclose(found, again)
    assert model.fitted_.structure.encoder_input == "embeddings"


@pytest.mark.parametrize(
    ("encoder_input", "given", "expected"),
    [
        ("auto", True, "words_and_embeddings"),
        ("auto", False, "words"),
        ("words_and_embeddings", True, "words_and_embeddings"),
        ("words", False, "words"),
    ],
)
def test_the_input_follows_what_there_is(encoder_input, given, expected):
    counts = documents()
    model = model_of(encoder_input=encoder_input, max_epochs=1)
    model.fit(counts, embeddings=own(counts) if given else None)
    assert model.fitted_.structure.encoder_input == expected


@pytest.mark.parametrize(
    ("encoder_input", "given", "message"),
    [
        ("words", True, "encoder_input='words' would ignore the embeddings; leave them"),
        ("embeddings", False, "encoder_input='embeddings' needs embeddings of the documents"),
        ("words_and_embeddings", False, "needs embeddings of the documents; pass embed"),
        ("vectors", False, "encoder_input must be 'auto' or 'words' or"),
    ],
)
def test_an_input_that_is_missing_or_unread_is_refused(encoder_input, given, message):
    counts = documents()
    with pytest.raises(InputError, match=message):
        model_of(encoder_input=encoder_input).fit(counts, embeddings=own(counts) if given else None)


def test_further_documents_cannot_change_the_input():
    counts = documents()
    model = model_of(encoder_input="words").partial_fit(counts)
    model.set_params(embedder=lambda texts: np.ones((len(texts), 2)))
    model.partial_fit(counts)
    model.set_params(encoder_input="embeddings")
    with pytest.raises(InputError, match="encoder_input='embeddings' needs embeddings"):
        model.partial_fit(counts)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ["unfolded", "network"])
def test_embeddings_tell_what_too_few_words_leave_open(encoder):
    """Two words of a document, and an embedding that knows its topic but for noise."""
    random = np.random.default_rng(0)
    topics = random.dirichlet(np.full(60, 0.5), 3)
    topic = np.arange(600) % 3
    counts = np.stack([random.multinomial(4, topics[k]) for k in topic])
    vectors = np.eye(3)[topic] + random.normal(0, 0.3, (600, 3))
    without = model_of(encoder=encoder, max_epochs="auto").set_params(n_components=3)
    given = clone(without).fit(counts[:500], embeddings=vectors[:500])
    without.fit(counts[:500])
    assert given.perplexity(counts[500:], embeddings=vectors[500:]) < 0.97 * without.perplexity(
        counts[500:]
    )


def test_an_edited_network_is_saved_with_the_embeddings_of_the_model_before(tmp_path):
    counts = documents()
    vectors = np.random.default_rng(0).normal(size=(counts.shape[0], 2))
    model = model_of(encoder="network", encoder_input="embeddings")
    model.fit(counts, embeddings=vectors)
    before = model.transform(counts, embeddings=vectors)
    model.merge([0, 1])
    for name in ("once", "twice"):  # what is written again is whole, too
        model.save(tmp_path / name)
        model = TopicModel.load(tmp_path / name)
        model.suggest_merges()  # of the documents kept
    model.partial_fit(counts[:20])
    assert model.transform(counts).shape == (counts.shape[0], len(model.components_))
    model = TopicModel.load(tmp_path / "twice")
    model.undo()
    model.suggest_merges()
    np.testing.assert_array_equal(model.transform(counts, embeddings=vectors), before)
