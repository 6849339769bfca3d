"""A fit that was killed goes on from its checkpoint, and gives the model of one that was not."""

import os
import signal
from dataclasses import fields, is_dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.corpus import Vectorizer
from topicgen.topic_model import saving
from topicgen.training.checkpoint import checkpoint_files

N = 60
EVERY_STEP = "0.0000001min"


def documents():
    random = np.random.default_rng(0)
    rates = np.full((N, 24), 0.1)
    for row in range(N):
        rates[row, 8 * (row % 3) : 8 * (row % 3) + 8] = 1.5
    return csr_matrix(random.poisson(rates) + np.eye(N, 24, dtype=np.int64))


COUNTS = documents()
WORDS = [f"word{chr(97 + column)}" for column in range(24)]
TEXTS = [
    " ".join(word for word, n in zip(WORDS, row, strict=True) for _ in range(n))
    for row in COUNTS.toarray().tolist()
]
METADATA = pd.DataFrame({"x": np.linspace(-1, 1, N), "party": list("ab") * (N // 2)})

MODELS = {
    "plain": {},
    "implicit": {"inference": "implicit"},
    "counts of another family": {"latent": "poisson", "likelihood": "negative_binomial"},
    "score function": {"gradient_estimator": "leave_one_out"},
    "arrivals": {"gradient_estimator": "eat", "likelihood": "poisson"},
    "one document after another": {"batch_size": 1, "max_epochs": 1},
    "given distribution": {"latent": torch.distributions.Poisson(torch.tensor(2.0))},
    "layers": {"upper_components": (3, 2)},
    "prevalence": {"prevalence": "~ x + (1 | party)"},
    "content": {"content": "party", "background": True},
    "both": {"prevalence": "~ x", "content": "party", "inference": "implicit"},
    "seeds": {"seeds": {"first": ["worda", "wordb"], "second": ["wordi"]}},
    "seeds and prevalence": {"seeds": {"first": ["worda"]}, "prevalence": "~ party"},
}


def new_model(name, **options):
    fixed = {"n_components": 4, "max_epochs": 2, "batch_size": 20, "random_state": 0}
    return TopicModel(**{**fixed, "vectorizer": Vectorizer(min_df=1)} | MODELS[name] | options)


def fit(model, **options):
    return model.fit(TEXTS, metadata=METADATA, **options)


def parts(value, name="fitted"):
    """Every array, number and word in a value, by where it is; but for the date."""
    if isinstance(value, np.ndarray):
        yield name, (value.dtype.str, value.shape, value.tobytes())
    elif isinstance(value, pd.DataFrame | pd.Index | pd.Series):
        yield name, value.to_json() if hasattr(value, "to_json") else list(value)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in ("date", "before"):
                yield from parts(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, dict):
        for key in value:
            yield from parts(value[key], f"{name}[{key!r}]")
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from parts(each, f"{name}[{number}]")
    elif isinstance(value, csr_matrix):
        yield from parts((value.indptr, value.indices, value.data), name)
    elif isinstance(value, str | int | float | bool | type(None)):
        yield name, repr(value)
    elif hasattr(value, "__dict__"):
        yield from parts(vars(value), name)


def assert_same(model, other):
    expected, found = dict(parts(model.fitted_)), dict(parts(other.fitted_))
    assert len(expected) > 60
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name] == value, name


def killed_at(n, folder, model, fit=fit, **options):
    """Fit in a child that ends at once, without any cleaning up, after its n-th checkpoint."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        write, written = saving.Checkpoint.write, []

        def counted(checkpoint, snapshot):
            write(checkpoint, snapshot)
            written.append(1)
            if len(written) == n:
                os.kill(os.getpid(), signal.SIGKILL)

        saving.Checkpoint.write = counted
        fit(model, checkpoint=folder, every=EVERY_STEP, **options)
    except BaseException:
        os._exit(1)
    os._exit(0)


@pytest.mark.parametrize("name", MODELS)
def test_a_killed_fit_gives_the_model_of_one_that_was_not(name, tmp_path):
    """Killed after random checkpoints, one time after another, until it is complete."""
    whole = fit(new_model(name))
    random = np.random.default_rng(len(name))
    folder, n_kills = tmp_path / "checkpoint", 0
    while True:
        status = killed_at(int(random.integers(1, 6)), folder, new_model(name), resume=True)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        n_kills += 1
    assert n_kills >= 1
    assert len(checkpoint_files(folder)) == 2
    # The child is gone with its model; all that it had is in the checkpoint.
    assert_same(whole, fit(new_model(name), checkpoint=folder, resume=True))
