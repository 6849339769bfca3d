import pytest
import torch

from topicgen import TopicModel
from topicgen.comparison.settings import distinct_fits, group_by_settings
from topicgen.corpus import Vectorizer


@pytest.fixture(scope="module")
def fit(planted_texts):
    """Fit for one epoch: only the parameters and documents matter."""

    def fitted(texts=planted_texts, k=2, **parameters):
        return TopicModel(k, max_epochs=1, **{"random_state": 0, **parameters}).fit(texts)

    return fitted


def test_settings_are_named_after_what_differs(fit):
    models = {
        "a": fit(),
        "b": fit(random_state=1, device="cpu", verbose=False),
        "c": fit(separation=0.0),
        "d": fit(separation=0.0, k=3),
    }
    assert group_by_settings(models) == {
        "n_components=2, separation=0.015": ["a", "b"],
        "n_components=2, separation=0.0": ["c"],
        "n_components=3, separation=0.0": ["d"],
    }


def test_other_documents_are_another_setting(fit, planted_texts):
    models = {"a": fit(), "b": fit(random_state=1), "c": fit(planted_texts[:-1])}
    assert group_by_settings(models) == {"a and 1 more": ["a", "b"], "c": ["c"]}


def test_saved_models_have_the_settings_that_they_were_fitted_with(fit, tmp_path):
    models = {"a": fit(vectorizer=Vectorizer(min_df=2)), "b": fit(random_state=1)}
    models["b"].save(tmp_path / "b")
    models["a"].save(tmp_path / "a")
    loaded = {f"{name} loaded": TopicModel.load(tmp_path / name) for name in models}
    groups = group_by_settings(models | loaded)
    assert list(groups.values()) == [["a", "a loaded"], ["b", "b loaded"]]


def test_what_has_no_name_to_compare_equals_nothing_else(fit):
    tokenizer = Vectorizer(tokenizer=lambda text: text.split())
    models = {"a": fit(vectorizer=tokenizer), "b": fit(vectorizer=tokenizer)}
    assert list(group_by_settings(models).values()) == [["a"], ["b"]]
    geometric = torch.distributions.Geometric(torch.tensor(0.5, dtype=torch.float64))
    given = {"a": fit(latent=geometric), "b": fit(latent=geometric, random_state=1)}
    assert list(group_by_settings(given).values()) == [["a", "b"]]


def test_copies_are_one_fit(fit):
    models = {"a": fit(), "copy": fit(), "b": fit(random_state=1)}
    assert distinct_fits(list(models), models) == ["a", "b"]
