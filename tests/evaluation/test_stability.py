import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.evaluation import stability

ANIMALS, MONEY, RAIN = ["cat", "dog"], ["bank", "rate"], ["rain", "wind"]


def test_the_same_topics_in_any_order_are_stable():
    assert stability([[ANIMALS, MONEY, RAIN], [RAIN, ANIMALS, MONEY]]) == 1


def test_no_word_in_common_is_not():
    assert stability([[ANIMALS], [MONEY], [RAIN]]) == 0


def test_the_mean_over_every_two_models_by_hand():
    # Matched: (1 + 1) / 2, (1 + 0) / 2, (1 + 0) / 2.
    models = [[ANIMALS, MONEY], [MONEY, ANIMALS], [ANIMALS, RAIN]]
    assert stability(models) == pytest.approx((1 + 1 / 2 + 1 / 2) / 3)


def test_order_of_words_counts_beyond_top_n_nothing_does():
    # Depths 1 and 2: 1 of 1 and 1 of 3.
    models = [[["cat", "dog"]], [["cat", "fish"]]]
    assert stability(models) == pytest.approx((1 + 1 / 3) / 2)
    assert stability(models, top_n=1) == 1


def test_arrays_of_models_with_different_numbers_of_topics():
    topics = np.eye(4)
    assert stability(iter([topics, topics[[2, 0]]])) == 1


@pytest.mark.parametrize("models", [[], [[ANIMALS]]])
def test_one_model_cannot_be_compared(models):
    with pytest.raises(InputError, match=f"two or more models, got {len(models)}"):
        stability(models)
