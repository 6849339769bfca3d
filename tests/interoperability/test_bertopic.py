"""BERTopic's own methods, tables and figures, of our topics."""

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.errors import InputError

BERTopic = pytest.importorskip(
    "bertopic", reason="BERTopic is not installed: see docs/interoperability.md"
).BERTopic


@pytest.fixture(scope="module")
def theirs(model, planted_texts):
    return model.to_bertopic(planted_texts)


@pytest.fixture(scope="module")
def numbers(theirs):
    """BERTopic's number of each of our topics."""
    return {int(old): int(new) for old, new in theirs.topic_mapper_.get_mappings().items()}


def test_topics(model, theirs, numbers, planted_texts):
    ours = model.get_topic_info(X=planted_texts).set_index("topic")
    info = theirs.get_topic_info().set_index("Topic")
    assert info["Count"].is_monotonic_decreasing
    assert sorted(numbers) == sorted(numbers.values()) == sorted(info.index) == [0, 1, 2]
    for topic, number in numbers.items():
        row = info.loc[number]
        words = model.get_topic(topic, measure="probability")
        assert row["Count"] == ours["documents"][topic] == theirs.get_topic_freq(number)
        assert row["Representation"] == words["word"].tolist()
        assert row["Name"] == "_".join([str(number), *words["word"][:4]])
        assert row["CustomName"] == ours["name"][topic]
        found = theirs.get_topics()[number]
        assert found == theirs.get_topic(number)
        assert found == list(zip(words["word"], words["probability"], strict=True))


def test_documents(model, theirs, numbers, planted_texts):
    ours = model.get_document_info(planted_texts)
    found = theirs.get_document_info(planted_texts)
    assert found["Document"].tolist() == planted_texts
    assert found["Topic"].tolist() == ours["topic"].map(numbers).tolist() == theirs.topics_
    np.testing.assert_allclose(found["Probability"], ours["share"])
    in_order = sorted(numbers, key=numbers.get)
    np.testing.assert_allclose(theirs.probabilities_, model.transform(planted_texts)[:, in_order])


@pytest.mark.parametrize(
    ("method", "column"), [("topics_over_time", "Timestamp"), ("topics_per_class", "Class")]
)
def test_groups_of_documents(model, theirs, numbers, planted_texts, method, column):
    """Its frequencies are documents; our shares are of tokens, with intervals."""
    years = np.repeat([1999, 2001, 2002], 40)
    found = getattr(theirs, method)(planted_texts, years.tolist())
    topics = model.get_document_info(planted_texts)["topic"].map(numbers)
    expected = pd.crosstab(years, topics).stack()
    counts = found.set_index([column, "Topic"])["Frequency"]
    assert counts.to_dict() == expected[expected > 0].to_dict()
    assert found["Words"].str.split(", ").explode().isin(model.vocabulary_).all()


def test_columns_are_those_that_the_documentation_compares(model, theirs, planted_texts):
    years = [1999, 2001] * 60
    columns = {
        "get_topic_info": theirs.get_topic_info(),
        "get_document_info": theirs.get_document_info(planted_texts),
        "topics_over_time": theirs.topics_over_time(planted_texts, years),
        "topics_per_class": theirs.topics_per_class(planted_texts, years),
    }
    assert {name: list(frame.columns) for name, frame in columns.items()} == {
        "get_topic_info": [
            "Topic", "Count", "Name", "CustomName", "Representation", "Representative_Docs",
        ],
        "get_document_info": [
            "Document", "Topic", "Name", "CustomName", "Representation", "Representative_Docs",
            "Top_n_words", "Probability", "Representative_document",
        ],
        "topics_over_time": ["Topic", "Words", "Frequency", "Timestamp"],
        "topics_per_class": ["Topic", "Words", "Frequency", "Class"],
    }  # fmt: skip


def test_figures(theirs, planted_texts):
    pytest.importorskip("plotly", reason="plotly is not installed: pip install plotly")
    bars = theirs.visualize_barchart(n_words=5)
    assert [word.strip() for word in bars.data[0].y][::-1] == [
        word for word, _ in theirs.get_topic(0)[:5]
    ]
    over_time = theirs.topics_over_time(planted_texts, [1999, 2001] * 60)
    assert len(theirs.visualize_topics_over_time(over_time).data) == 3
    assert len(theirs.visualize_distribution(theirs.probabilities_[0], min_probability=0).data) == 1
    assert theirs.visualize_term_rank() is not None


@pytest.mark.filterwarnings("ignore:.*unclosed file:ResourceWarning")  # of BERTopic
def test_it_can_be_saved(theirs, planted_texts, tmp_path):
    theirs.save(str(tmp_path / "model.pkl"), serialization="pickle")
    again = BERTopic.load(str(tmp_path / "model.pkl"))
    pd.testing.assert_frame_equal(again.get_topic_info(), theirs.get_topic_info())
    years = [1999, 2001] * 60
    pd.testing.assert_frame_equal(
        again.topics_over_time(planted_texts, years), theirs.topics_over_time(planted_texts, years)
    )


def test_it_compares_and_merges_topics(model, planted_texts):
    found = model.to_bertopic(planted_texts)
    assert len(found.hierarchical_topics(planted_texts)) == 2
    assert len(found.get_representative_docs(0)) == 3
    found.merge_topics(planted_texts, [0, 1])
    assert sorted(found.get_topic_info()["Count"]) == [40, 80]


def test_topics_without_documents_are_left_out(model, planted_texts):
    few = planted_texts[:2] * 3
    found = model.to_bertopic(few, top_n=4)
    largest = model.get_document_info(few)["topic"]
    assert len(found.get_topics()) == largest.nunique() == 2
    assert found.probabilities_.shape == (6, 2)
    assert [len(words) for words in found.get_topics().values()] == [4, 4]


def test_documents_in_other_forms(model, theirs, planted_texts):
    forms = {
        "tokens": [text.split() for text in planted_texts],
        "a frame": pd.DataFrame({"text": planted_texts, "year": 1999}),
        "a generator": (text for text in planted_texts),
    }
    for form, documents in forms.items():
        assert model.to_bertopic(documents).topics_ == theirs.topics_, form


def test_words_of_other_scripts_are_kept():
    texts = ["катя пришла домой", "größe über alles"] * 20
    model = TopicModel(2, max_epochs=5, random_state=0).fit(texts)
    found = model.to_bertopic(texts)
    words = [word for topic in found.get_topics().values() for word, _ in topic]
    assert {"домой", "größe"} <= set(words)
    over_time = found.topics_over_time(texts, [1, 2] * 20)
    # It fills lists of fewer than five words up with "".
    assert set(", ".join(over_time["Words"]).split(", ")) == {*model.vocabulary_, ""}


def test_what_has_no_texts_is_refused(model, planted_counts, planted_texts):
    with pytest.raises(InputError, match="needs texts, got csr_matrix; pass the texts"):
        model.to_bertopic(planted_counts)
    of_counts = TopicModel(2, max_epochs=1, random_state=0).fit(planted_counts)
    with pytest.raises(InputError, match="fitted to counts"):
        of_counts.to_bertopic(planted_texts)


def test_texts_without_known_words_are_refused(model):
    with pytest.raises(InputError, match="words that the model knows, got none"):
        model.to_bertopic(["unheard of", ""])
