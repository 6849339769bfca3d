from dataclasses import replace

import numpy as np

from topicgen import TopicModel
from topicgen.topic_model.editing.changes import weights_after
from topicgen.topic_model.editing.composition import Composition, splitting


def test_the_parts_of_a_topic_are_suggested_and_topics_of_their_own_are_not(model):
    assert not model.suggest_merges()["suggested"].any()
    topic = model.components_[1]
    # Two parts that differ a little, as those of a topic that a fit splits by chance.
    noise = np.random.default_rng(0).gamma(50, 1 / 50, size=(2, topic.size))
    words = dict(zip((1, 4), noise * topic / (noise * topic).sum(1, keepdims=True), strict=True))
    parts = Composition(splitting(4, 1, 0.5, place=4), model.topic_share_, words)
    evidence = replace(model.fitted_.evidence, topic_share=parts.sums(model.topic_share_))
    model.fitted_ = replace(weights_after(model.fitted_, parts), evidence=evidence)
    table = model.suggest_merges()
    assert table.loc[0, ["topic", "other", "suggested"]].tolist() == [1, 4, True]
    assert table["suggested"].sum() == 1


def test_a_table_of_pairs(model):
    table = model.suggest_merges(3)
    expected = ["topic", "label", "other", "other_label", "similarity", "cost", "low", "high"]
    assert table.columns.tolist() == [*expected, "suggested"]
    assert len(table) == 3
    assert (table["topic"] < table["other"]).all()
    assert table["cost"].is_monotonic_increasing
    assert ((table["low"] <= table["cost"]) & (table["cost"] <= table["high"])).all()
    model.rename({int(table.loc[0, "topic"]): "first"})
    assert model.suggest_merges(1).loc[0, "label"] == "first"


def test_a_background_is_no_part_of_a_pair(fitted_models):
    table = fitted_models("background").suggest_merges(100)
    assert 3 not in {*table["topic"], *table["other"]}


def test_a_single_topic_has_no_pairs(counts):
    model = TopicModel(1, max_epochs=1, random_state=0).fit(counts)
    assert len(model.suggest_merges()) == 0


def test_pairs_that_no_document_has_are_unknown(model, counts):
    table = model.suggest_merges(10, counts[:1])
    assert table["cost"].isna().all()
    assert not table["suggested"].any()
