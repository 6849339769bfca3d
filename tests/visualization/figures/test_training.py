import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.visualization import training


def test_each_epoch_has_a_point_and_the_best_is_marked(model_of):
    perplexity, likelihood, temperature = training(model_of(2)).axes
    curve, best = perplexity.lines
    assert curve.get_xydata().tolist() == [[1, 90], [2, 70], [3, 80]]
    assert best.get_xydata().tolist() == [[2, 70]]
    assert likelihood.lines[0].get_ydata().tolist() == [-5, -4, -3]
    assert len(likelihood.lines) == 1
    assert temperature.get_ylim()[0] == 0


def test_it_says_how_to_read_it(model_of):
    for axis, words in zip(
        training(model_of(2)).axes, ("lower is better", "higher is better", "counts"), strict=True
    ):
        assert axis.texts[1].get_text().endswith(words)


def test_one_epoch_without_documents_held_out(model_of):
    epoch = {"epoch": 1, "temperature": 1.0, "log_likelihood": -5.0, "perplexity": np.nan}
    perplexity, likelihood, _ = training(model_of(2, history=(epoch,))).axes
    assert perplexity.texts[-1].get_text() == "no documents were held out"
    assert not perplexity.lines
    assert likelihood.lines[0].get_xydata().tolist() == [[1, -5]]


def test_no_history(model_of):
    with pytest.raises(InputError, match="no history of its training; fit it again"):
        training(model_of(2, history=()))


def test_a_trained_model(trained):
    assert len(training(trained).axes[1].lines[0].get_xdata()) == trained.n_epochs_
