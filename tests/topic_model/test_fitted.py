import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch

from topicgen import TopicModel
from topicgen.models import LIKELIHOODS, PRIORS
from topicgen.topic_model import soundness
from topicgen.topic_model.soundness import LATENTS


@pytest.fixture(scope="module")
def model(planted_texts):
    return TopicModel(3, max_epochs=3, random_state=0).fit(planted_texts)


def test_what_needs_no_torch_equals_what_the_torch_module_says(model):
    fitted = model.fitted_
    assert (fitted.n_topics, fitted.n_words) == (3, 30)
    np.testing.assert_allclose(
        fitted.components, fitted.model.topic_word().detach().numpy(), rtol=1e-12
    )
    assert fitted.word_frequency.sum() == pytest.approx(1)


def test_the_module_is_built_anew_for_whoever_trains_it(model):
    first, second = model.fitted_.build(), model.fitted_.build()
    assert first.base.topic_logits.dtype == torch.float32
    with torch.no_grad():
        first.base.topic_logits.zero_()
    assert second.base.topic_logits.any()
    assert model.fitted_.weights["topic_logits"].any()
    assert model.fitted_.on(torch.device("cpu")) is model.fitted_.hierarchy


def test_a_saved_model_is_read_without_torch(model, tmp_path):
    model.save(tmp_path / "model")
    code = (
        "import sys; from topicgen.topic_model.persistence import load_fitted\n"
        "from topicgen.topic_model.inspection import top_words\n"
        f"fitted, _ = load_fitted({str(tmp_path / 'model')!r})\n"
        "print(top_words(fitted, 2), fitted.evidence.occurrence.tokens.shape)\n"
        "print(sorted({'torch', 'sklearn', 'pandas', 'scipy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = run.stdout.splitlines()
    assert lines == [f"{model.top_words(2)} (3, 3)", "[]"]


def test_ties_among_top_words_go_to_the_first_column(model):
    components = np.array([[0.2, 0.3, 0.2, 0.3]])
    fitted = model.fitted_
    from dataclasses import replace

    from topicgen.topic_model.inspection import top_words

    tied = replace(
        fitted,
        vocabulary=list("abcd"),
        evidence=replace(fitted.evidence, topic_share=np.ones(1)),
        weights={
            **fitted.weights,
            "topic_logits": np.zeros((1, 4)),
            "free": np.ones((1, 1)),
            "log_frequency": np.log(components[0]),
        },
    )
    assert top_words(tied, 3) == [["b", "d", "a"]]
    assert top_words(tied, 9) == [["b", "d", "a", "c"]]


def test_copies_and_pickles_hold_what_was_learnt_alone(model):
    model.score([[1] * model.n_features_in_])
    fitted = model.fitted_
    assert "hierarchy" in vars(fitted)
    for again in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert list(vars(again)) == list(fitted.__dataclass_fields__)
        np.testing.assert_array_equal(again.components, fitted.components)


def test_the_families_of_a_saved_model_are_those_that_there_are():
    assert (*PRIORS, "given") == LATENTS
    assert tuple(LIKELIHOODS) == soundness.LIKELIHOODS
