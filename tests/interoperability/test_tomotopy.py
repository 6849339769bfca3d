"""tomotopy's topics, scored by our evaluation."""

import subprocess
import sys

import pytest

pytest.importorskip("tomotopy", reason="tomotopy is not installed: pip install tomotopy")

TEXTS = [
    ["bank", "rate"],
    ["bank", "rate", "loan"],
    ["rain", "wind"],
    ["rain", "wind", "storm"],
] * 5


def with_tomotopy(code):
    """Run code in a process of its own: tomotopy ends the process that asks it too early."""
    program = f"""
import tomotopy as tp
from topicgen.errors import InputError
from topicgen.evaluation import coherence, from_tomotopy, topic_diversity
TEXTS = {TEXTS!r}
def trained(model, n_iterations, **options):
    for i, text in enumerate(TEXTS):
        model.add_doc(text, **{{name: value(i) for name, value in options.items()}})
    model.train(n_iterations, workers=1)
    return model
def refused(model):
    try:
        from_tomotopy(model)
    except InputError as error:
        print(error)
    else:
        print("not refused")
{code}
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_models_of_tomotopy_that_have_not_been_trained():
    refused = with_tomotopy("""
refused(tp.LDAModel(k=2))
refused(tp.HDPModel())
refused(tp.PAModel())
refused(trained(tp.LDAModel(k=2, seed=1), 0))
""")
    assert refused == [
        f"expected a trained model, got {name} that has not been trained; train it first"
        for name in ("LDAModel", "HDPModel", "PAModel", "LDAModel")
    ]


def test_models_of_tomotopy_with_several_kinds_of_topics():
    refused = with_tomotopy("""
refused(trained(tp.PAModel(k1=2, k2=3, seed=1), 5))
refused(trained(tp.HPAModel(k1=2, k2=3, seed=1), 5))
refused(trained(tp.MGLDAModel(k_g=2, k_l=2, seed=1), 5))
refused(trained(tp.DTModel(k=2, t=2, seed=1), 5, timepoint=lambda i: i % 2))
""")
    names = ("PAModel", "HPAModel", "MGLDAModel", "DTModel")
    for message, name in zip(refused, names, strict=True):
        expected = f"expected a model of tomotopy with one kind of topics, got {name}; "
        assert message.startswith(expected)


def test_topics_of_tomotopy_are_scored():
    output = with_tomotopy("""
model = trained(tp.LDAModel(k=2, seed=1), 100)
topics = from_tomotopy(model)
assert topics.vocabulary == list(model.used_vocabs)
words = topics.top_words(2)
assert [[word for word, _ in model.get_topic_words(k, top_n=2)] for k in range(2)] == words
assert sorted(map(sorted, words)) == [["bank", "rate"], ["rain", "wind"]]
assert abs(coherence(words, TEXTS, "c_npmi") - 1) < 1e-9  # each pair always together
assert topic_diversity(words) == 1
model = trained(tp.HLDAModel(depth=3, seed=1), 50)
topics = from_tomotopy(model)
assert model.live_k < model.k
assert topics.topic_word.shape == (model.live_k, 6), topics
""")
    assert output == []
