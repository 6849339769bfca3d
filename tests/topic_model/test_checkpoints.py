"""A fit that was killed goes on from its checkpoint, and gives the model of one that was not."""

import json
import os
import signal
from dataclasses import fields, is_dataclass
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from campaigns.killing import killed_after
from safetensors import safe_open
from scipy.sparse import csr_matrix

from topicgen import Corpus, TopicModel
from topicgen.corpus import Vectorizer
from topicgen.errors import InputError
from topicgen.topic_model import saving
from topicgen.training import Trainer
from topicgen.training.checkpoint import checkpoint_files

N = 60
EVERY_STEP = "0.0000001min"


pytestmark = [
    pytest.mark.usefixtures("forkable"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded"),
]


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
    "network": {"encoder": "network"},
    "network of layers": {
        "encoder": "network",
        "inference": "implicit",
        "objective": "elbo",
        "upper_components": (2,),
    },
    "guided": {"encoder": "unfolded_network", "objective": "elbo"},
    "counts of another family": {"latent": "poisson", "likelihood": "negative_binomial"},
    "score function": {"gradient_estimator": "leave_one_out"},
    "learnt baseline": {"gradient_estimator": "nvil"},
    "learnt control variate": {"gradient_estimator": "relax"},
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
    saving_all = partial(fit, model, checkpoint=folder, every=EVERY_STEP, **options)
    return killed_after(n, saving.Checkpoint, "write", saving_all)


# Of these, every checkpoint is gone on from; of the others, some.
EVERY = ("plain", "layers", "both")


@pytest.mark.parametrize("name", MODELS)
def test_a_killed_fit_gives_the_model_of_one_that_was_not(name, tmp_path):
    """Killed after some checkpoints, one time after another, until it is complete."""
    whole = fit(new_model(name))
    random = np.random.default_rng(len(name))
    folder, n_kills = tmp_path / "checkpoint", 0
    while True:
        n = 1 if name in EVERY else int(random.integers(1, 6))
        status = killed_at(n, folder, new_model(name), resume=True)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        n_kills += 1
        assert n_kills < 100
    # 3 steps and the end of each of 2 epochs, and the end of each phase.
    assert n_kills >= (9 if name in EVERY else 1)
    assert len(checkpoint_files(folder)) == 2
    # The child is gone with its model; all that it had is in the checkpoint.
    assert_same(whole, fit(new_model(name), checkpoint=folder, resume=True))


def refit(model, **options):
    """From a model with a name and a frozen topic."""
    fit(model)
    model.rename({1: "second"})
    model.freeze([0])
    model.refit(TEXTS, metadata=METADATA, n_components=5, random_state=3, **options)
    return model


def test_a_killed_refit_too(tmp_path):
    whole = refit(new_model("plain"))
    for n in (2, 3):
        status = killed_at(n, tmp_path / "a", new_model("plain"), refit, resume=True)
        assert status == -signal.SIGKILL
    assert_same(whole, refit(new_model("plain"), checkpoint=tmp_path / "a", resume=True))


def test_a_random_seed_is_that_of_the_checkpoint(tmp_path):
    model = new_model("layers", random_state=None)
    assert killed_at(4, tmp_path / "a", model) == -signal.SIGKILL
    models = [
        fit(new_model("layers", random_state=seed), checkpoint=tmp_path / "a", resume=True)
        for seed in (None, np.random.default_rng(5))
    ]
    assert_same(*models)
    other = fit(new_model("layers", random_state=None), checkpoint=tmp_path / "b")
    assert other.fitted_.seed != models[0].fitted_.seed


def test_a_corpus_on_disk(tmp_path):
    Corpus(COUNTS, WORDS, [str(row) for row in range(N)]).save(tmp_path / "corpus")

    def of_disk(model, **options):
        return model.fit(Corpus.open(tmp_path / "corpus"), **options)

    whole = of_disk(new_model("plain"))
    assert killed_at(3, tmp_path / "a", new_model("plain"), of_disk) == -signal.SIGKILL
    assert_same(whole, of_disk(new_model("plain"), checkpoint=tmp_path / "a", resume=True))


def test_a_signal_leaves_a_checkpoint_of_the_step_it_came_in(tmp_path):
    """Every 5 minutes is far away."""
    for number, status in ((signal.SIGINT, 1), (signal.SIGTERM, -signal.SIGTERM)):
        folder = tmp_path / number.name
        child = os.fork()
        if not child:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            move = Trainer.move

            def moving(trainer, *rates, number=number, move=move):
                Trainer.move = move
                os.kill(os.getpid(), number)
                move(trainer, *rates)

            Trainer.move = moving
            try:
                fit(new_model("plain"), checkpoint=folder)
            except KeyboardInterrupt:
                os._exit(1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == status
        (file,) = checkpoint_files(folder)
        with safe_open(file, framework="pt") as content:
            facts = json.loads(content.metadata()["topicgen"])["facts"]
        assert facts["progress"]["batch"] == 1
        resumed = fit(new_model("plain"), checkpoint=folder, resume=True)
        assert_same(fit(new_model("plain")), resumed)


def test_without_an_interval_that_ends_there_is_a_checkpoint_at_the_end_alone(tmp_path):
    model = fit(new_model("plain"), checkpoint=tmp_path / "a")
    assert [file.name[:8] for file in checkpoint_files(tmp_path / "a")] == ["00000001"]
    # A completed fit gives its model again, and trains no more.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "move", None)
        again = fit(new_model("plain"), checkpoint=tmp_path / "a", resume=True)
    assert_same(model, again)


def test_epochs_are_counted(tmp_path):
    model = new_model("plain", max_epochs=5)
    fit(model, checkpoint=tmp_path / "a", every=2)
    # After the epochs 2 and 4, and at the end.
    assert [file.name[:8] for file in checkpoint_files(tmp_path / "a")] == ["00000003", "00000002"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"resume": True}, "resume needs a folder for checkpoints; pass checkpoint=FOLDER"),
        ({"every": 3}, "every needs a folder for checkpoints"),
        ({"checkpoint": 3}, "checkpoint must be the path of a folder, got an object of type int"),
        ({"checkpoint": "a", "every": "daily"}, "every='daily' is not an interval"),
    ],
)
def test_arguments_are_checked(options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        fit(new_model("plain"), **options)
    assert os.listdir(tmp_path) == []


def test_a_checkpoint_is_not_overwritten_unasked(tmp_path):
    fit(new_model("plain"), checkpoint=tmp_path / "a")
    before = checkpoint_files(tmp_path / "a")
    with pytest.raises(InputError, match="holds the checkpoint of an earlier run; continue it"):
        fit(new_model("plain"), checkpoint=tmp_path / "a")
    assert checkpoint_files(tmp_path / "a") == before


def test_a_fit_that_fails_at_once_leaves_no_folder(tmp_path):
    with pytest.raises(InputError):
        fit(new_model("plain", n_components=0), checkpoint=tmp_path / "a")
    assert os.listdir(tmp_path) == []
