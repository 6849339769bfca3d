"""Topics that further training leaves as they are."""

import numpy as np
import pytest

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.models import imputation


def moved(before, after):
    """Whether each topic has moved at all."""
    return (before != after).any(axis=1).tolist()


def test_a_frozen_topic_stays_exactly_in_partial_fit(model, counts):
    before = model.components_
    edit = model.freeze([1, 3])
    assert str(edit).startswith("froze topics 1 (")
    assert moved(before, model.partial_fit(counts[:60]).components_) == [True, False, True, False]
    assert moved(before, model.partial_fit(counts[60:]).components_) == [True, False, True, False]


@pytest.mark.parametrize("kind", ["usual", "given", "bursts", "background"])
def test_a_frozen_topic_stays_exactly_in_a_refit(fitted_models, kind, counts):
    model = fitted_models(kind)
    metadata = {"party": ["Lab", "Con"] * 80, "year": list(range(160))}
    model.rename({1: "economy"})
    model.freeze(["economy"])
    before = model.components_
    for is_warm in (True, False):
        found = model.refit(
            counts, metadata=metadata, warm_start=is_warm, random_state=1, max_epochs=1
        )
        assert not moved(before, model.components_)[1]
        assert found.loc[1, ["before", "similarity", "name"]].tolist() == [1, 1.0, "economy"]
        assert model.fitted_.frozen == (1,)


def test_a_frozen_topic_stays_in_the_settling_after_the_training(
    fitted_models, counts, monkeypatch
):
    """Models with covariates replace topics by their posterior means, where these are not worse."""
    monkeypatch.setattr(imputation, "_MOST_SWEEPS", 20)
    model = fitted_models("effects")
    model.freeze([0])
    before = model.components_
    metadata = {"party": ["Lab", "Con"] * 80, "year": list(range(160))}
    model.refit(counts, metadata=metadata, random_state=3, max_epochs=1)
    assert moved(before, model.components_) == [False, True, True, True]


def test_in_another_vocabulary_the_words_that_stay_keep_their_proportions(planted_texts):
    model = TopicModel(3, max_epochs=3, random_state=0).fit(planted_texts)
    model.freeze([2])
    words, before = model.vocabulary_, model.components_[2]
    new = [
        f"{text} newword newword" if number % 2 else text
        for number, text in enumerate(planted_texts)
    ]
    model.refit(new, extra_stop_words=words[:3], max_df=1.0, max_epochs=2)
    assert set(words[3:]) | {"newword"} == set(model.vocabulary_)
    after = dict(zip(model.vocabulary_, model.components_[2], strict=True))
    found = np.array([after[word] for word in words[3:]])
    np.testing.assert_allclose(found, before[3:] / before[3:].sum(), rtol=1e-5)
    assert after["newword"] < 1e-12


def test_all_topics_may_be_frozen(model, counts):
    model.freeze(range(4))
    before = model.components_
    model.refit(counts, max_epochs=2)
    assert moved(before, model.components_) == [False] * 4


def test_unfrozen_topics_move_again(model, counts):
    model.freeze([0, 1, 2])
    assert model.unfreeze([1]).text.startswith("unfroze topic 1 (")
    assert model.fitted_.frozen == (0, 2)
    model.unfreeze()
    before = model.components_
    assert moved(before, model.partial_fit(counts).components_) == [True] * 4


def test_a_new_fit_forgets_what_was_frozen(model, counts):
    model.freeze([0])
    assert model.fit(counts).fitted_.frozen == ()


def test_frozen_topics_are_undone_and_saved(model, tmp_path):
    model.freeze([2])
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.fitted_.frozen == (2,)
    loaded.undo()
    assert loaded.fitted_.frozen == ()


def test_edits_keep_frozen_topics_that_they_leave_whole(model):
    model.freeze([0, 1, 3])
    model.merge([0, 2])
    assert model.fitted_.frozen == (1, 2)  # topic 3 is now 2
    model.drop([1])
    assert model.fitted_.frozen == (1,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda model: model.freeze([4]), "numbered from 0 to 3, got 4"),
        (lambda model: model.unfreeze([0]), "^topic 0 is not frozen; the frozen topics are 2$"),
        (lambda model: (model.unfreeze(), model.unfreeze()), "^no topic is frozen$"),
    ],
)
def test_topics_that_cannot_be_frozen_or_unfrozen(model, change, message):
    model.freeze([2])
    with pytest.raises(InputError, match=message):
        change(model)
