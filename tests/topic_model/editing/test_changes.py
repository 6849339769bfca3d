"""The edits of a model, for every kind of model."""

import copy
import json

import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.errors import InputError

from .conftest import planted

METADATA = {"party": ["Lab", "Con"] * 80, "year": list(range(160))}

EDITS = {
    "rename": lambda model: model.rename({1: "economy"}),
    "merge": lambda model: model.merge([2, 0]),
    "drop": lambda model: model.drop([1]),
    "split": lambda model: model.split(1),
}


def everything(fitted):
    """Return all that is known of a model, apart from its documents, as bytes by name."""
    found = {name: value.tobytes() for name, value in fitted.weights.items()}
    found |= {name: value.tobytes() for name, value in fitted.optimizer.items()}
    found |= {name: value.tobytes() for name, value in vars(fitted.evidence.occurrence).items()}
    found["share"] = fitted.evidence.topic_share.tobytes()
    found["masses"] = fitted.evidence.masses.tobytes()
    found["names"] = fitted.names
    found["edits"] = fitted.edits
    found["diagnostics"] = fitted.diagnostics
    if fitted.imputed is not None:
        found |= {name: value.tobytes() for name, value in fitted.imputed.to_arrays().items()}
    if fitted.content is not None:
        found |= {name: value.tobytes() for name, value in fitted.content.to_arrays().items()}
    return found


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_the_model_stays_a_model(any_model, edit, counts):
    covariates = {"metadata": METADATA} if any_model.prevalence else {}
    before = len(any_model.components_)
    done = edit(any_model)
    topics = any_model.components_
    assert len(topics) == before + {"rename": 0, "merge": -1, "drop": -1, "split": 1}[done.kind]
    np.testing.assert_allclose(topics.sum(1), 1)
    theta = any_model.transform(counts, **covariates)
    np.testing.assert_allclose(theta.sum(1), 1)
    assert theta.shape == (160, len(topics))
    tokens = any_model.posterior(counts[:20], fast=True).tokens
    np.testing.assert_allclose(tokens.sum(1), 40, rtol=1e-6)
    for method in ("document_completion", "elbo"):
        assert np.isfinite(any_model.perplexity(counts, method, **covariates))
    info = any_model.get_topic_info()
    assert sorted(info["topic"]) == list(range(len(topics)))
    assert info["share"].sum() == pytest.approx(1)
    assert any_model.diagnostics_.n_topics == len(topics)
    if any_model.upper_components:
        tree = any_model.get_topic_tree()
        assert (tree["layer"] == 0).sum() == len(topics)
        for _, of_layer in tree.groupby("layer"):
            assert of_layer["share"].sum() == pytest.approx(1)
    if any_model.prevalence:
        effects = any_model.effects(kind="share")
        assert effects["topic"].nunique() == len(topics)
        assert np.isfinite(effects["estimate"]).all()
    if any_model.content:
        assert any_model.get_content_info()["topic"].nunique() == len(topics)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_undo_brings_back_every_bit(any_model, edit, counts):
    before = any_model.fitted_
    known, theta = everything(before), any_model.transform(counts)
    done = edit(any_model)
    assert any_model.undo() == done
    assert everything(any_model.fitted_) == known
    assert any_model.transform(counts).tobytes() == theta.tobytes()


@pytest.mark.parametrize("kind", ["usual", "deep", "given", "effects", "content"])
def test_edits_travel_with_a_saved_model(kind, fitted_models, tmp_path):
    model = fitted_models(kind)
    known = [everything(model.fitted_)]
    for edit in (EDITS["rename"], EDITS["merge"], EDITS["split"], EDITS["drop"]):
        edit(model)
        known.append(everything(model.fitted_))
    model.save(tmp_path / "model")
    loaded = TopicModel.load(tmp_path / "model")
    assert loaded.edits_ == model.edits_
    while True:
        assert everything(loaded.fitted_) == known.pop()
        if not known:
            break
        loaded.undo()
    with pytest.raises(InputError, match="there is no edit to undo"):
        loaded.undo()


def test_a_merge_adds_counts_and_mixes_words(model, counts):
    share, topics = model.topic_share_, model.components_
    info = model.get_topic_info().set_index("topic")
    edit = model.merge([3, 1])
    assert edit.numbers == (0, 1, 2, 1)
    mixed = (share[1] * topics[1] + share[3] * topics[3]) / (share[1] + share[3])
    np.testing.assert_allclose(model.components_[1], mixed, rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(model.components_[[0, 2]], topics[[0, 2]])
    assert model.topic_share_[1] == pytest.approx(share[1] + share[3])
    after = model.get_topic_info().set_index("topic")
    # What is known of the others stays; the merged topic has the tokens of its parts.
    pd.testing.assert_frame_equal(after.loc[[0, 2]], info.loc[[0, 2]])
    parts = info.loc[1, "tokens"] + info.loc[3, "tokens"]
    assert after.loc[1, "tokens"] == pytest.approx(parts, rel=1e-9)


@pytest.mark.parametrize("latent", ["negative_binomial", "poisson", "geometric"])
def test_a_merged_topic_occurs_wherever_its_parts_do(latent):
    # Two topics for every planted one: drawn anew, the others could take over all its tokens.
    counts = planted(seed=1, n_topics=3)
    model = TopicModel(6, latent=latent, max_epochs=6, random_state=0).fit(counts)
    match = np.argsort(-model.components_.reshape(6, 4, 10).sum(2)[:, :3], axis=0)[0]
    pair = [int(match[0]), int(match[1])]  # of different planted topics
    before = model.fitted_.evidence.occurrence
    model.merge(pair)
    after, new = model.fitted_.evidence.occurrence, min(pair)
    assert (after.presence[:, new] >= before.presence[:, pair].max(1)).all()
    assert (after.tokens[:, new] >= before.tokens[:, pair].max(1)).all()
    assert after.tokens[0].sum() == pytest.approx(before.tokens[0].sum())
    for low, high in ((after.tokens[1], after.tokens[2]), (after.presence[1], after.presence[2])):
        assert (low <= high).all()


def test_the_error_of_a_merged_dispersion_is_that_of_its_parts(model):
    before, weights = model.fitted_.evidence.occurrence, model.fitted_.weights
    error = np.log(before.dispersion[2] / before.dispersion[1])[[1, 3]] / 2
    weight = (weights["rate_mean"].astype(float) ** 2 / weights["rate_shape"])[[1, 3]]
    model.merge([1, 3])
    found = model.fitted_.evidence.occurrence.dispersion[:, 1]
    assert found[0] == pytest.approx(model.fitted_.weights["rate_shape"][1])
    expected = np.hypot(*(weight * error / weight.sum()))
    assert np.log(found[2] / found[0]) == pytest.approx(expected, rel=1e-6)
    assert np.log(found[0] / found[1]) == pytest.approx(expected, rel=1e-6)


def test_the_posterior_of_a_merged_topic_is_about_the_sum(fitted_models, counts):
    model = fitted_models("usual")
    before = model.posterior(counts).tokens
    model.merge([0, 2])
    after = model.posterior(counts).tokens
    # The draws are new, and the words of the two are now those of their mixture.
    np.testing.assert_allclose(after[:, 0], before[:, [0, 2]].sum(1), atol=3.0)


def test_effects_of_a_merged_topic_are_those_of_the_sum_of_its_tokens(fitted_models):
    model = fitted_models("effects")
    before = model.effects(kind="share").pivot(index="topic", columns="term", values="estimate")
    model.merge([1, 3])
    after = model.effects(kind="share").pivot(index="topic", columns="term", values="estimate")
    np.testing.assert_allclose(after.loc[1], before.loc[[1, 3]].sum(), atol=1e-12)
    np.testing.assert_allclose(after.loc[[0, 2]], before.loc[[0, 2]], atol=1e-12)


def test_expected_shares_sum_to_one_after_a_drop(fitted_models):
    model = fitted_models("effects")
    model.drop([2])
    shares = model.predict_prevalence({"party": ["Lab", "Con"], "year": [3, 3]})
    np.testing.assert_allclose(shares.groupby("party")["estimate"].sum(), 1)


def test_the_tokens_of_a_dropped_topic_go_to_others(model, counts):
    edit = model.drop([0, 2])
    assert edit.numbers == (None, 0, None, 1)
    assert model.posterior(counts, fast=True).tokens.sum() == pytest.approx(counts.sum())
    assert model.fitted_.weights["smoothing"].sum() == pytest.approx(model.smoothing, rel=1e-6)
    assert edit.cost.after > edit.cost.before


def test_a_split_finds_what_was_merged(model):
    before = model.components_
    model.merge([0, 1])
    assert model.split(0).numbers == (0, 1, 2)
    halves = model.components_[[0, 3]]
    overlap = np.minimum(halves[:, None], before[None, :2]).sum(-1)
    assert sorted(overlap.argmax(1)) == [0, 1]
    assert (overlap.max(1) > 0.7).all()


def test_the_larger_half_keeps_the_number(model):
    model.merge([0, 1])
    model.split(0)
    assert model.topic_share_[0] >= model.topic_share_[3]


def test_a_background_stays_the_last_topic(fitted_models):
    model = fitted_models("background")
    before = model.components_[-1]
    model.merge([0, 1])
    model.split(0)
    np.testing.assert_array_equal(model.components_[-1], before)
    for edit in (lambda: model.merge([0, 3]), lambda: model.drop([3]), lambda: model.split(3)):
        with pytest.raises(InputError, match="topic 3 is the background"):
            edit()


def test_edits_say_what_they_cost(model):
    edit = model.merge([0, 1])
    cost = edit.cost
    assert cost.documents == "held-out documents"
    assert cost.n_documents == 16
    assert 1 < cost.before < 40
    assert cost.low <= cost.change <= cost.high
    assert "perplexity of 16 held-out documents" in str(edit)


@pytest.mark.parametrize("kind", ["usual", "bursts"])
def test_the_cost_is_that_of_the_perplexities(kind, fitted_models, counts):
    model = fitted_models(kind)
    before = copy.copy(model)
    edit = model.merge([0, 1], counts)
    assert edit.cost.documents == "documents"
    assert edit.cost.before == pytest.approx(before.perplexity(counts))
    assert edit.cost.after == pytest.approx(model.perplexity(counts))


def test_without_held_out_documents_the_cost_is_on_others(counts):
    model = TopicModel(3, max_epochs=2, validation_fraction=0.0, random_state=0).fit(counts)
    edit = model.drop([0])
    assert edit.cost.documents == "documents"
    assert edit.cost.n_documents == 160


# -- names ------------------------------------------------------------------------------------


def test_names_travel_to_tables(model):
    model.rename({2: "economy"})
    assert model.topic_names_ == [None, None, "economy", None]
    info = model.get_topic_info().set_index("topic")
    assert info.loc[2, "name"] == "economy"


def test_a_name_of_numpy_is_a_string(model):
    assert str(model.rename({0: np.str_("economy")})).endswith("is now named 'economy'")
    assert type(model.topic_names_[0]) is str


def test_topics_are_known_by_their_names(model):
    model.rename({0: "sports", 3: "economy"})
    model.merge(["economy", 1])
    assert model.topic_names_ == ["sports", "economy", None]
    model.drop(["sports"])
    assert model.topic_names_ == ["economy", None]
    model.rename({"economy": None})
    assert model.topic_names_ == [None, None]


@pytest.mark.parametrize("name", ["نامه\u200cها", "北京", "économie", "$x$ <b>"])
def test_names_may_be_of_any_script(model, name):
    model.rename({0: name})
    assert model.topic_names_[0] == name


def test_a_merged_topic_takes_the_first_name_given(model):
    model.rename({0: "sports", 3: "economy"})
    model.merge([1, 3, 0])
    assert model.topic_names_ == ["economy", None]


def test_seeds_of_merged_topics_are_joined(counts):
    frame = pd.DataFrame(counts, columns=[f"word{column}" for column in range(40)])
    seeds = {"one": ["word0", "word1"], "two": ["word10"]}
    model = TopicModel(4, seeds=seeds, max_epochs=2, random_state=0).fit(frame)
    model.merge([1, 3])
    model.rename({1: "second"})
    assert model.get_seed_info()["name"].tolist() == ["one", "one", "second"]
    model.merge([0, 1])
    assert model.get_seed_info()["topic"].tolist() == [0, 0, 0]
    model.drop([0])
    with pytest.raises(InputError, match="no seeds"):
        model.get_seed_info()


@pytest.mark.parametrize("edit", [lambda m: m.merge([0, 1]), lambda m: m.drop([0, 1])])
def test_training_goes_on_after_topics_with_seeds_were_edited(counts, edit):
    frame = pd.DataFrame(counts, columns=[f"word{column}" for column in range(40)])
    seeds = {"one": ["word0", "word1"], "two": ["word10"]}
    model = TopicModel(4, seeds=seeds, max_epochs=2, random_state=0).fit(frame)
    edit(model)
    model.partial_fit(frame).partial_fit(frame)
    assert model.n_components == len(model.components_)
    # The parameters are those of the topics that there are.
    names = list(model.seeds or {})
    assert names == [name for name in model.topic_names_ if name]


# -- what goes on with an edited model ----------------------------------------------------------


def test_training_goes_on_after_an_edit(model, counts):
    model.merge([0, 1])
    model.partial_fit(counts)
    assert len(model.components_) == 3
    with pytest.raises(InputError, match="no edit to undo"):
        model.undo()


def test_a_fit_starts_anew(fitted_models, counts):
    model = copy.copy(fitted_models("usual"))
    model.rename({0: "sports"})
    model.fit(counts)
    assert model.topic_names_ == [None] * 4
    assert model.edits_ == []


def test_a_model_saved_without_documents_asks_for_some(model, counts, tmp_path):
    model.save(tmp_path / "model", documents=False)
    assert not (tmp_path / "model" / "documents.safetensors").exists()
    loaded = TopicModel.load(tmp_path / "model")
    loaded.rename({0: "sports"})
    with pytest.raises(InputError, match="saved without documents"):
        loaded.merge([0, 1])
    assert len(loaded.components_) == 4
    assert loaded.merge([0, 1], counts).cost.n_documents == 160


def test_a_missing_or_changed_file_of_edits_is_damage(model, tmp_path):
    model.merge([0, 1])
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "before.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"before\.safetensors"):
        TopicModel.load(tmp_path / "model")
    path.unlink()
    with pytest.raises(InputError, match=r"before\.safetensors"):
        TopicModel.load(tmp_path / "model")


def test_a_failing_edit_changes_nothing(model):
    before = model.fitted_
    with pytest.raises(InputError):
        model.merge([0, 9])
    assert model.fitted_ is before


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda model: model.merge([1]), "two or more topics"),
        (lambda model: model.merge([1, 1]), "got topic 1 twice"),
        (lambda model: model.merge([0, 1, 2, 3]), "cannot merge all topics into one"),
        (lambda model: model.merge([0, 4]), "numbered from 0 to 3, got 4"),
        (lambda model: model.merge([0, -1]), "numbered from 0 to 3, got -1"),
        (lambda model: model.merge([0, True]), "numbered from 0 to 3, got True"),
        (lambda model: model.merge("01"), "must be a list of topics"),
        (lambda model: model.merge(3), "must be a list of topics"),
        (lambda model: model.merge(np.array(3)), "must be a list of topics"),
        (lambda model: model.split(np.int64(9)), "numbered from 0 to 3, got 9"),
        (lambda model: model.merge([0, 1], np.zeros((3, 40))), "no document with a word"),
        (lambda model: model.drop([1], np.zeros((3, 40))), "no document with a word"),
        (lambda model: model.suggest_merges(3, np.zeros((3, 40))), "no document with a word"),
        (lambda model: model.merge(["economy", 1]), "no topic is named 'economy'"),
        (lambda model: model.drop([]), "at least one topic"),
        (lambda model: model.drop([0, 1, 2, 3]), "cannot drop all topics"),
        (lambda model: model.drop([1.5]), r"numbered from 0 to 3, got 1\.5"),
        (lambda model: model.split([1]), "numbered from 0 to 3, got"),
        (lambda model: model.rename({}), "must map topics to names"),
        (lambda model: model.rename(["a"]), "must map topics to names"),
        (lambda model: model.rename({0: " "}), "not blank"),
        (lambda model: model.rename({0: "a\nb"}), "single line"),
        (lambda model: model.rename({0: "a\u202eb"}), "without control characters"),
        (lambda model: model.rename({0: "\x1b[31m"}), "without control characters"),
        (lambda model: model.rename({0: 3}), "must be strings"),
        (lambda model: model.rename({0: "a", 1: "a"}), "topics 0 and 1 would both be named 'a'"),
        (lambda model: model.undo(), "no edit to undo"),
        (lambda model: model.suggest_merges(0), "whole number of pairs"),
    ],
)
def test_mistakes_are_explained(model, edit, message):
    with pytest.raises(InputError, match=message):
        edit(model)


@pytest.mark.parametrize("edit", ["merge", "drop", "suggest"])
def test_documents_without_known_words(model, counts, edit):
    edits = {
        "merge": lambda X: model.merge([0, 1], X),
        "drop": lambda X: model.drop([0], X),
        "suggest": lambda X: model.suggest_merges(3, X),
    }
    with pytest.raises(InputError, match="X has no document with a word that the model knows"):
        edits[edit](counts[:2] * 0)


def test_too_few_documents_to_split_by(model, counts):
    with pytest.raises(InputError, match="too few to split it"):
        model.split(0, counts[:5])


def test_the_edits_are_json(model):
    model.merge([0, 1])
    json.dumps([edit.to_config() for edit in model.edits_])
