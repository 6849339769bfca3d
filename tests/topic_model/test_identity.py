import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from torch import tensor
from torch.distributions import Poisson

from topicgen import Corpus, TopicModel
from topicgen.errors import InputError
from topicgen.topic_model.identity import differences, digest

COUNTS = csr_matrix(np.random.default_rng(0).poisson(1.0, (60, 12)) + 1)
WORDS = [f"w{column}" for column in range(12)]
METADATA = pd.DataFrame({"x": np.linspace(0, 1, 60), "party": list("ab") * 30})
OPTIONS = {"n_components": 3, "max_epochs": 1, "random_state": 0, "batch_size": 20}


def corpus(counts=COUNTS, words=WORDS, metadata=METADATA):
    ids = [str(row) for row in range(counts.shape[0])]
    return Corpus(csr_matrix(counts), words, ids, metadata=metadata)


def changed_counts():
    """The same sums of rows and columns."""
    counts = COUNTS.toarray()
    counts[0, 0] += 1
    counts[0, 1] -= 1
    counts[1, 0] -= 1
    counts[1, 1] += 1
    return csr_matrix(counts)


X2 = METADATA.assign(x=METADATA["x"] ** 2)
OTHERS = {
    "counts": ({}, {"counts": changed_counts()}, "other documents"),
    "words": ({}, {"words": WORDS[::-1]}, "other words"),
    "n_components": ({"n_components": 4}, {}, r"n_components=3 \(now 4\)"),
    "epochs": ({"max_epochs": 2}, {}, r"max_epochs=1 \(now 2\)"),
    "seed": ({"random_state": 1}, {}, "other random_state"),
    "no seed": ({"random_state": None}, {}, "other random_state"),
    "family": ({"latent": "poisson"}, {}, r"latent='negative_binomial' \(now 'poisson'\)"),
    "distribution": ({"latent": Poisson(tensor(2.0))}, {}, "other latent"),
    "prevalence": ({"prevalence": "~ x"}, {}, "other prevalence"),
    "content": ({"content": "party"}, {}, "other content"),
    "seeds": ({"seeds": {"a": ["w1"]}}, {}, "other seeds"),
    "layers": ({"upper_components": (2,)}, {}, r"upper_components=\[\] \(now \[2\]\)"),
    "rate": ({"learning_rate": 0.1}, {}, r"learning_rate=0.2 \(now 0.1\)"),
    "temperature": ({"temperature": (1, 0.5)}, {}, r"temperature=\[1.0, 1.0\] \(now"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("of a run") / "checkpoint"
    TopicModel(**OPTIONS).fit(corpus(), checkpoint=folder)
    return folder


@pytest.mark.parametrize("name", OTHERS)
def test_a_checkpoint_of_another_fit_is_refused_with_what_differs(name, folder):
    options, data, difference = OTHERS[name]
    model = TopicModel(**OPTIONS | options)
    with pytest.raises(
        InputError, match=rf"belongs to another run, with .*{difference}.*; resume with"
    ):
        model.fit(corpus(**data), checkpoint=folder, resume=True)
    assert not hasattr(model, "fitted_")


@pytest.mark.parametrize("options", [{"verbose": 0}, {"refinement": 2}, {"device": "cpu"}])
def test_what_changes_no_result_may_differ(folder, options):
    TopicModel(**OPTIONS | options).fit(corpus(), checkpoint=folder, resume=True)


def test_other_covariates_are_refused(tmp_path):
    options = OPTIONS | {"prevalence": "~ x"}
    TopicModel(**options).fit(corpus(), checkpoint=tmp_path / "a")
    with pytest.raises(InputError, match="with other prevalence; resume"):
        TopicModel(**options).fit(corpus(metadata=X2), checkpoint=tmp_path / "a", resume=True)


def test_another_model_before_is_refused(tmp_path):
    one, other = (TopicModel(**OPTIONS).fit(corpus()) for _ in range(2))
    one.refit(corpus(), checkpoint=tmp_path / "a")
    other.rename({0: "first"})
    with pytest.raises(InputError, match="with other the model before"):
        other.refit(corpus(), checkpoint=tmp_path / "a", resume=True)
    with pytest.raises(InputError, match="belongs to another run"):
        TopicModel(**OPTIONS).fit(corpus(), checkpoint=tmp_path / "a", resume=True)


def test_digests_know_types_shapes_and_order():
    parts = [
        (np.array([1, 2]),),
        (np.array([1, 2], dtype=np.int32),),
        (np.array([[1, 2]]),),
        (np.array([2, 1]),),
        (np.array([1]), np.array([2])),
        ([1, 2],),
        ("1, 2",),
    ]
    assert len({digest(*part) for part in parts}) == len(parts)


def test_what_is_missing_differs():
    assert differences({"a": 1}, {"b": None}) == ["a=1 (now None)"]
