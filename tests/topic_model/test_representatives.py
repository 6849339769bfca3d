import pickle
from copy import deepcopy

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone

from topicgen import TopicModel
from topicgen.corpus import Corpus, Vectorizer
from topicgen.errors import InputError
from topicgen.topic_model.draws import Draws
from topicgen.topic_model.posterior import Posterior
from topicgen.topic_model.representatives import Ranking, distinct, representative

COLUMNS = [
    "topic", "label", "document", "id", "share", "share_low", "tokens", "passage", "words", "spans",
]  # fmt: skip

CATS = [
    "Cats purr and cats sleep.", "A cat that purrs sleeps.", "Cats hunt mice.", "Cats climb trees.",
]  # fmt: skip
DOGS = [
    "Dogs bark and dogs run.", "A dog that barks runs.", "Dogs dig holes.", "Dogs fetch sticks.",
]  # fmt: skip


def texts():
    """Documents of 1 to 12 sentences about cats or dogs, no two alike."""
    random = np.random.default_rng(0)
    return [
        " ".join(random.choice([CATS, DOGS][row % 2], 1 + row // 2 % 12)) + f" Name{row} it{row}."
        for row in range(96)
    ]


@pytest.fixture(scope="module")
def model():
    return TopicModel(2, random_state=0, max_epochs=20).fit(texts())


def cat_topic(model):
    return int(np.argmax(model.components_[:, model.vocabulary_.index("cats")]))


def test_the_most_typical_come_first_with_a_passage(model):
    cats = cat_topic(model)
    table = model.representative_documents(cats, 4)
    assert table.columns.tolist() == COLUMNS
    assert (table["document"] % 2 == 0).all()
    assert table["share_low"].is_monotonic_decreasing
    assert (table["share_low"] < table["share"] + 0.01).all()
    assert (table["label"] == model.fitted_.label(cats)).all()
    assert table["passage"].str.contains("Cats").all()
    for passage, spans, words in zip(table["passage"], table["spans"], table["words"], strict=True):
        shown = {passage[start:end].lower() for start, end, weight in spans if weight > 0.5}
        assert shown <= set(model.vocabulary_)
        assert shown
        assert set(words) <= set(model.vocabulary_)


def test_all_topics_at_once_are_each_topic_by_itself(model):
    both = model.representative_documents(n=3)
    assert both["topic"].tolist() == [0, 0, 0, 1, 1, 1]
    for topic in (0, 1):
        alone = model.representative_documents(topic, 3)
        assert alone["document"].tolist() == both[both["topic"] == topic]["document"].tolist()
    assert model.representative_documents([1], 3)["topic"].tolist() == [1, 1, 1]


def posterior_of(proportions, lengths):
    """A posterior of 200 draws around some proportions, narrow for long documents."""
    random = np.random.default_rng(0)
    alpha = np.asarray(proportions) * np.asarray(lengths)[:, None] + 0.5
    drawn = random.gamma(alpha, size=(200, *alpha.shape))
    drawn /= drawn.sum(-1, keepdims=True)
    tokens = random.multinomial(np.asarray(lengths), drawn).astype(np.uint16)
    draws = Draws(drawn.astype(np.float32), tokens, np.ones(alpha.shape[:1], np.float32))
    blocks = [
        Draws(draws.proportions[:, rows], draws.tokens[:, rows], draws.totals[None, rows])
        for rows in (slice(0, 2), slice(2, None))
    ]
    return Posterior(np.asarray(lengths, float), alpha.shape[1], 200, False, lambda: blocks)


def test_few_tokens_do_not_win_over_many(model):
    """3 tokens of share 1 against 200 of share .9; an empty document is never chosen."""
    n_words = len(model.vocabulary_)
    counts = csr_matrix(np.eye(5, n_words) * [[3], [200], [40], [0], [100]])
    posterior = posterior_of(
        [[1, 0], [0.9, 0.1], [0.5, 0.5], [1, 0], [0.2, 0.8]], [3, 200, 40, 0, 100]
    )
    found = representative(model.fitted_, posterior, counts, n=5, topics=[0])
    assert [one.document for one in found][:2] == [1, 0]
    assert 3 not in [one.document for one in found]
    assert all(one.passage is None for one in found)
    assert [one.document for one in representative(model.fitted_, posterior, counts, n=1)] == [1, 4]


def test_rows_give_documents_their_numbers(model):
    counts = csr_matrix(np.eye(4, len(model.vocabulary_)) * 9)
    posterior = posterior_of([[1, 0], [0.9, 0.1], [0.5, 0.5], [0, 1]], [9, 9, 9, 9])
    plain = representative(model.fitted_, posterior, counts, n=2)
    moved = representative(model.fitted_, posterior, counts, n=2, rows=[70, 71, 72, 73])
    assert [one.document + 70 for one in plain] == [one.document for one in moved]


def test_ranking_does_not_depend_on_blocks():
    random = np.random.default_rng(0)
    scores = random.random((50, 3)).round(1)
    whole, parts = Ranking(3, most=7), Ranking(3, most=7)
    whole.add(np.arange(50), scores, double=2 * scores)
    for start in range(0, 50, 8):
        rows = np.arange(start, min(start + 8, 50))
        parts.add(rows, scores[rows], double=2 * scores[rows])
    np.testing.assert_array_equal(whole.rows, parts.rows)
    np.testing.assert_array_equal(whole.rows.T, np.argsort(-scores, axis=0, kind="stable")[:7])
    np.testing.assert_array_equal(parts.value("double"), 2 * parts.scores)


def test_near_duplicates_are_left_out():
    """Shares of tokens in common with the first: 1, 3/4, 1/2 and 0."""
    counts = csr_matrix([[4, 0], [4, 0], [3, 0], [2, 0], [0, 9]])
    assert distinct(counts, range(5), n=5) == [0, 3, 4]
    assert distinct(counts, [4, 1, 0], n=5) == [0, 1]
    assert distinct(csr_matrix((3, 2)), range(3), n=3) == [0]


def test_repeated_documents_are_shown_once():
    docs = [CATS[row % 4] + " " + CATS[(row // 4) % 4] for row in range(8)] * 6 + DOGS * 12
    model = TopicModel(2, random_state=0, max_epochs=20).fit(docs)
    table = model.representative_documents(n=9)
    for _, group in table.groupby("topic"):
        counts = model.vectorizer_.transform([docs[row] for row in group["document"]])
        assert distinct(counts, range(len(group)), n=99) == list(range(len(group)))


@pytest.mark.parametrize("kind", ["series", "frame", "array", "tokens", "iterator"])
def test_texts_of_every_kind(model, kind):
    import pandas as pd

    docs = texts()
    frame = pd.DataFrame({"text": docs, "n": range(96)}, index=[f"d{row}" for row in range(96)])
    X = {
        "series": frame["text"],
        "frame": frame,
        "array": np.array(docs, dtype=object),
        "tokens": [doc.lower().replace(".", "").split() for doc in docs],
        "iterator": iter(docs),
    }[kind]
    found = model.representative_documents(0, 2, X)
    assert found["passage"].str.len().gt(0).all()
    assert found["id"].tolist() == (
        [f"d{row}" for row in found["document"]] if hasattr(X, "index") and kind != "tokens"
        else found["document"].tolist()
    )  # fmt: skip


def test_counts_have_words_instead_of_passages(model):
    docs = texts()
    counts = model.vectorizer_.transform(docs)
    corpus = Corpus(counts, model.vocabulary_, [f"id{row}" for row in range(96)])
    for X in (corpus, counts):
        found = model.representative_documents(0, 2, X)
        assert found["passage"].isna().all()
        assert found["spans"].tolist() == [[], []]
        assert all(found["words"])
    fitted = TopicModel(2, random_state=0, max_epochs=5).fit(corpus)
    assert fitted.representative_documents(0, 1)["id"].str.startswith("id").all()


def test_documents_of_the_fit_are_kept_by_reference_and_never_saved(model, tmp_path):
    assert model._last_input.X is not None
    table = model.representative_documents(0, 1)
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    for other in (pickle.loads(pickle.dumps(model)), deepcopy(model), loaded):
        with pytest.raises(InputError, match=r"X is needed here.* pass the documents"):
            other.representative_documents(0)
        again = other.representative_documents(0, 1, texts())
        assert again["document"].tolist() == table["document"].tolist()
    assert "_last_input" not in clone(model).__dict__


def test_documents_that_came_from_a_generator_are_not_kept():
    model = TopicModel(2, random_state=0, max_epochs=2).fit(iter(CATS * 9 + DOGS * 9))
    with pytest.raises(InputError, match="came from a generator"):
        model.representative_documents(0)
    model = TopicModel(2, random_state=0, max_epochs=2).fit(CATS * 9 + DOGS * 9)
    model.partial_fit(CATS * 9)
    with pytest.raises(InputError, match="pass the documents"):
        model.representative_documents(0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 2}, "from 0 to 1, got 2"),
        (
            {"k": "cats"},
            "no topic is named 'cats'; the topics have no names; pass a number from 0 to 1",
        ),
        ({"k": []}, "number or name of a topic, or several, got"),
        ({"n": 0}, "n to be a whole number from 1"),
        ({"length": 0}, "length to be a whole number"),
        ({"level": 1}, "level"),
    ],
)
def test_arguments_are_checked(model, arguments, message):
    with pytest.raises(InputError, match=message):
        model.representative_documents(**arguments)


def test_quoted_lines_are_not_shown():
    docs = [f"> {DOGS[row % 4]}\n{CATS[row % 4]} {CATS[row // 4 % 4]}" for row in range(40)]
    model = TopicModel(1, vectorizer=Vectorizer(drop_quotes=True), random_state=0, max_epochs=2)
    passages = model.fit(docs).representative_documents(0, 3, length=90)["passage"]
    assert not passages.str.contains("Dog|dog").any()


def test_covariates_are_taken_into_account():
    docs = texts()
    metadata = {"kind": ["a", "b"] * 48}
    model = TopicModel(2, prevalence="~ kind", random_state=0, max_epochs=3)
    model.fit(docs, metadata=metadata)
    kept = model.representative_documents(0, 2)
    given = model.representative_documents(0, 2, docs, metadata=metadata)
    assert kept.drop(columns="spans").equals(given.drop(columns="spans"))


def test_half_of_a_surrogate_pair_is_no_obstacle():
    docs = [f"{CATS[row % 4]} \ud800 It is {row}." for row in range(20)]
    model = TopicModel(1, random_state=0, max_epochs=1).fit(docs)
    assert model.representative_documents(0, 1, length=50)["passage"].str.contains("\ud800").all()
    assert model.get_topic_info(X=docs)["representative"].str.len().tolist() == [3]
    assert not model.explain(docs[0]).to_frame().empty


def test_documents_are_looked_through_once(model, monkeypatch):
    from topicgen.topic_model.facade import base

    docs = model._last_input.X
    assert model.representative_documents(0, 1, docs).equals(model.representative_documents(0, 1))
    monkeypatch.setattr(base, "screen", None)
    model.representative_documents(1, 2)
    info = model.get_topic_info(X=docs)
    assert info["documents"].sum() == len(docs)
    with pytest.raises(TypeError):
        model.representative_documents(1, 2, list(docs))


def test_the_first_documents_do_not_depend_on_how_many_are_asked_for(model):
    ten = model.representative_documents(n=10)
    for n in (1, 2, 6):
        fewer = model.representative_documents(n=n)
        first = ten.groupby("topic").head(n).reset_index(drop=True)
        assert fewer.equals(first)


def test_more_than_ten_have_as_many_candidates_as_they_need(model):
    found = model.representative_documents(cat_topic(model), 20)
    assert len(found) == 20
    assert found["share_low"].is_monotonic_decreasing
