from types import SimpleNamespace

import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.topic_model.former import SAME_TOPIC, Former
from topicgen.topic_model.seed_words import SeedWords

WORDS = ["bank", "rate", "goal", "team", "song", "band", "law", "court"]


def fitted_of(topics, names=(), frozen=(), vocabulary=WORDS, background=False, seeds=None):
    """What a model before has, as far as a new fit asks for it."""
    topics = np.array(topics, dtype=float)
    topics /= topics.sum(1, keepdims=True)
    n = len(topics)
    free = np.ones((n, 1), dtype=np.float32)
    free[n - background :] = 0
    share = np.arange(n, 0, -1) / (n * (n + 1) / 2)  # the first topic is the largest
    return SimpleNamespace(
        weights={
            "topic_logits": np.log(topics + 1e-9).astype(np.float32),
            "free": free,
            "log_frequency": np.zeros(topics.shape[1], dtype=np.float32),
            "log_pseudo_counts": np.arange(n, dtype=np.float32),
            "log_word_weight": np.arange(topics.shape[1], dtype=np.float32),
        },
        components=topics,
        vocabulary=vocabulary,
        n_topics=n,
        n_words=topics.shape[1],
        names=names,
        name=lambda topic: names[topic] if names else None,
        word=lambda column: vocabulary[column],
        frozen=frozen,
        seeds=seeds,
        evidence=SimpleNamespace(n_tokens=1000.0, topic_share=share),
    )


def own_words(*pairs):
    """A topic for each pair of columns, which has nearly all of it."""
    topics = np.full((len(pairs), len(WORDS)), 0.01)
    for topic, columns in enumerate(pairs):
        topics[topic, list(columns)] = 1.0
    return topics / topics.sum(1, keepdims=True)


MONEY, SPORT, MUSIC, COURT = (0, 1), (2, 3), (4, 5), (6, 7)


def former_of(fitted, n_topics, vocabulary=WORDS, seeds=None, background=False, is_warm=True):
    return Former.of(
        fitted,
        vocabulary,
        len(vocabulary),
        n_topics,
        seeds=seeds,
        background=background,
        is_warm=is_warm,
    )


@pytest.fixture
def before():
    return fitted_of(own_words(MONEY, SPORT, MUSIC), names=("money", None, "music"))


# -- where topics start ------------------------------------------------------------------------


def test_topics_start_at_those_before_and_further_ones_are_new(before):
    assert former_of(before, 5).starts.tolist() == [0, 1, 2, -1, -1]
    topics = former_of(before, 5).topics()
    assert topics.topics.tolist() == [0, 1, 2]
    assert topics.tokens.tolist() == pytest.approx([500, 1000 / 3, 500 / 3])


def test_without_room_for_all_topics_with_names_and_large_ones_stay(before):
    assert former_of(before, 2).starts.tolist() == [0, 2]
    nameless = fitted_of(own_words(MONEY, SPORT, MUSIC))
    assert former_of(nameless, 2).starts.tolist() == [0, 1]
    frozen = fitted_of(own_words(MONEY, SPORT, MUSIC), names=("money", "sport", None), frozen=(2,))
    assert former_of(frozen, 2).starts.tolist() == [0, 2]
    assert former_of(frozen, 2).frozen == (1,)


def test_too_few_topics_for_the_frozen_ones_are_refused():
    fitted = fitted_of(own_words(MONEY, SPORT, MUSIC), frozen=(0, 2))
    with pytest.raises(
        InputError, match=r"^2 topics are frozen, and n_components = 1 leaves no room"
    ):
        former_of(fitted, 1)


def test_a_background_is_no_topic_to_start_at():
    fitted = fitted_of(own_words(MONEY, SPORT, MUSIC), background=True)
    assert former_of(fitted, 4, background=True).starts.tolist() == [0, 1, -1, -1]
    assert former_of(fitted, 3).starts.tolist() == [0, 1, -1]


def test_topics_with_seeds_start_at_the_topic_of_that_name(before):
    seeds = SeedWords({"music": ["song"], "law": ["court"]})
    former = former_of(before, 4, seeds=seeds)
    assert former.starts.tolist() == [2, -1, 0, 1]
    assert former.pinned.tolist() == [True, True, False, False]
    assert former.topics().n_seeded == 2


def test_a_cold_fit_starts_only_frozen_topics_at_those_before():
    fitted = fitted_of(own_words(MONEY, SPORT, MUSIC), frozen=(1,))
    assert former_of(fitted, 3, is_warm=False).topics().topics.tolist() == [1]
    assert former_of(fitted_of(own_words(MONEY)), 3, is_warm=False).topics() is None


# -- which topics they have become -------------------------------------------------------------


def test_topics_are_found_again_and_ordered_as_before(before):
    former = former_of(before, 4)
    now = own_words(MUSIC, COURT, MONEY, SPORT)
    carried = former.carried(now)
    assert carried.before.tolist() == [2, -1, 0, 1]
    order = former.order(carried)
    assert order.tolist() == [2, 3, 0, 1]
    again = carried.reordered(order)
    assert again.before.tolist() == [0, 1, 2, -1]
    assert again.names == ("money", None, "music", None)
    assert again.similarity[:3] == pytest.approx([1, 1, 1])
    assert again.similarity[3] < SAME_TOPIC
    assert not len(again.lost)


def test_topics_that_are_unlike_all_before_get_no_name(before):
    carried = former_of(before, 3).carried(own_words(MONEY, COURT, (1, 3)))
    assert carried.before.tolist() == [0, -1, -1]
    assert carried.names == ("money", None, None)
    assert carried.lost.tolist() == [1, 2]
    assert (carried.lost_similarity < SAME_TOPIC).all()


def test_topics_are_matched_on_the_words_of_both_vocabularies(before):
    """Without "bank" and "law", with two new words, and in another order."""
    vocabulary = ["team", "new", "goal", "band", "song", "rate", "court", "newer"]
    now = np.full((3, 8), 0.01)
    now[0, [3, 4, 1]], now[1, [5]], now[2, [0, 2, 7]] = 1, 1, 1
    carried = former_of(before, 3, vocabulary).carried(now / now.sum(1, keepdims=True))
    assert carried.before.tolist() == [2, 0, 1]
    assert carried.similarity.min() > 0.9


def test_the_similarity_by_hand():
    """Of (1/2, 1/2) and (1, 0): 1 - (H(3/4) - 1/2 * 1) bits."""
    before = fitted_of([[1.0, 1.0, 98.0]], vocabulary=["bank", "rate", "old"])
    carried = former_of(before, 1, ["bank", "rate", "new"]).carried(np.array([[0.5, 0.0, 0.5]]))
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    assert carried.similarity == pytest.approx([1 - (entropy - 0.5)])


def test_frozen_topics_are_themselves_whatever_is_more_like_them():
    fitted = fitted_of(own_words(MONEY, SPORT), names=("money", "sport"), frozen=(0,))
    former = former_of(fitted, 2)
    carried = former.carried(own_words(COURT, MONEY))
    assert carried.before.tolist() == [0, -1]
    assert former.order(carried).tolist() == [0, 1]


def test_names_of_seeds_stay_with_their_seeds(before):
    """The topic with the seeds of "music" is about courts, and another one is about music."""
    seeds = SeedWords({"music": ["song"]})
    former = former_of(before, 3, seeds=seeds)
    carried = former.carried(own_words(COURT, MONEY, MUSIC))
    assert carried.names == ("music", "money", None)
    assert former.order(carried)[0] == 0


def test_a_topic_renamed_after_its_seeds_keeps_its_name():
    seeds = SeedWords({"money": ["bank"]})
    fitted = fitted_of(own_words(MONEY, SPORT), names=("finance", None), seeds=seeds)
    carried = former_of(fitted, 2, seeds=seeds).carried(own_words(MONEY, SPORT))
    assert carried.names == ("finance", None)


def test_topics_whose_number_is_too_high_now_get_one_that_is_left(before):
    former = former_of(before, 2, is_warm=False)
    carried = former.carried(own_words(MUSIC, SPORT))
    again = carried.reordered(former.order(carried))
    assert again.before.tolist() == [2, 1]
    assert again.names == ("music", None)
    assert again.lost.tolist() == [0]


@pytest.mark.parametrize("seed", range(20))
def test_an_order_has_every_topic_once(seed):
    random = np.random.default_rng(seed)
    n_before, n_now = random.integers(1, 9, 2)
    frozen = tuple(range(min(n_before, n_now) // 3))
    fitted = fitted_of(random.dirichlet(np.full(8, 0.1), n_before), frozen=frozen)
    former = former_of(fitted, int(n_now), is_warm=bool(seed % 2))
    carried = former.carried(random.dirichlet(np.full(8, 0.1), n_now))
    order = former.order(carried)
    assert sorted(order.tolist()) == list(range(n_now))
    again = carried.reordered(order)
    kept = (again.before >= 0) & (again.before < n_now)
    assert (again.before[kept] == np.flatnonzero(kept)).all()
    assert set(again.lost) | set(again.before) - {-1} == set(range(n_before))


# -- words that cannot be matched --------------------------------------------------------------


def test_counts_without_words_are_matched_by_their_columns():
    fitted = fitted_of(own_words(MONEY, SPORT), vocabulary=None)
    former = Former.of(fitted, None, 8, 2, seeds=None, background=False, is_warm=True)
    assert former.is_same
    with pytest.raises(InputError, match="counts of the same 8 words, got counts of 9"):
        Former.of(fitted, None, 9, 2, seeds=None, background=False, is_warm=True)


def test_documents_without_a_word_of_the_model_are_refused(before):
    with pytest.raises(
        InputError, match=r"^none of the 2 words of the documents is among the 8 words"
    ):
        former_of(before, 2, ["cat", "dog"])


# -- the table ---------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_topic_and_each_lost_one(before):
    carried = former_of(before, 2).carried(own_words(SPORT, MUSIC))
    now = fitted_of(own_words(SPORT, MUSIC), names=(None, "music"))
    table = carried.table(now, before, top_n=2)
    assert table.columns.tolist() == ["topic", "before", "similarity", "name", "words"]
    assert table["topic"].tolist()[:2] == [0, 1]
    assert table["topic"].isna().tolist() == [False, False, True]
    assert table["before"].tolist() == [1, 2, 0]
    assert table["name"].tolist() == [None, "music", "money"]
    assert table["words"].tolist() == ["goal team", "song band", "bank rate"]
