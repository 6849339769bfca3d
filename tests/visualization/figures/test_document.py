import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.visualization import document

TEXT = "cats purr and cats sleep and dogs bark"


def test_dots_are_expected_tokens_with_their_intervals(trained):
    axis = document(trained, TEXT, topics=[2, 0, 1], level=0.8).axes[0]
    posterior = trained.posterior([TEXT])
    low, high = posterior.interval(0.8)
    dots = np.asarray(axis.collections[-1].get_offsets())
    np.testing.assert_allclose(dots[:, 0], posterior.tokens[0, [2, 0, 1]])
    ends = [segment[:, 0] for segment in axis.collections[-2].get_segments()]
    np.testing.assert_allclose(ends, np.column_stack([low[0], high[0]])[[2, 0, 1]])


def test_topics_that_may_have_a_token_come_the_largest_first(trained):
    axis = document(trained, TEXT).axes[0]
    dots = np.asarray(axis.collections[-1].get_offsets())[:, 0]
    assert (np.diff(dots) <= 0).all()
    assert 1 <= len(dots) <= 3


def test_the_document_and_its_tokens_are_named(trained):
    figure = document(trained, f"$x^{{2$\n{TEXT}")
    assert figure.axes[0].get_xlabel() == "of the 6 tokens that the model knows"
    assert figure.get_suptitle().startswith("$x^{2$ cats purr")
    figure.draw_without_rendering()


def test_a_list_of_one_document(trained):
    assert document(trained, [TEXT]).get_suptitle() == ""


def test_what_is_wrong_is_refused(trained):
    with pytest.raises(InputError, match="expected one document, got 2; pass one"):
        document(trained, [TEXT, TEXT])
    with pytest.raises(InputError, match="no word of the model's vocabulary"):
        document(trained, "quantum")
    with pytest.raises(InputError, match="level must be between 0 and 1"):
        document(trained, TEXT, level=2)
    with pytest.raises(InputError, match="expected a fitted TopicModel"):
        document("model", TEXT)
