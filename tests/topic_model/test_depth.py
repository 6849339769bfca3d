import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Poisson

from topicgen import TopicModel
from topicgen.errors import InputError


@pytest.fixture(scope="module")
def grouped_counts():
    """Eight topics of 5 words of their own; a document holds some of four, of one half of them."""
    random = np.random.default_rng(0)
    own = np.kron(np.eye(8), np.full(5, 0.2))
    rows = []
    for document in range(240):
        shares = np.zeros(8)
        shares[4 * (document % 2) :][:4] = random.dirichlet(np.ones(4))
        rows.append(random.multinomial(60, shares @ own))
    return csr_matrix(np.array(rows))


@pytest.fixture(scope="module")
def deep(grouped_counts):
    return TopicModel(8, upper_components=(2,), random_state=0).fit(grouped_counts)


def test_topics_that_go_together_share_a_parent(deep):
    tree = deep.get_topic_tree(5)
    assert list(tree.columns) == ["layer", "topic", "parent", "weight", "share", "words"]
    assert tree["layer"].tolist() == [0] * 8 + [1] * 2
    topics = tree[tree.layer == 0]
    half = [int(words[0]) // 20 for words in topics.words]
    assert len(set(zip(half, topics.parent, strict=True))) == 2
    assert topics.parent.nunique() == 2
    assert tree.parent.isna().tolist() == [False] * 8 + [True] * 2
    np.testing.assert_allclose(tree.groupby("layer").share.sum(), 1)
    for parent, words in zip(tree.topic[8:], tree.words[8:], strict=True):
        child = half[topics.parent.tolist().index(parent)]
        assert {int(word) // 20 for word in words} == {child}


def test_depth_earns_its_place_where_topics_go_together(deep, grouped_counts):
    diagnostics = deep.diagnostics_
    assert diagnostics.elbo > diagnostics.elbo_without_depth + 0.3
    assert diagnostics.warnings == []
    flat = TopicModel(8, random_state=0).fit(grouped_counts)
    np.testing.assert_array_equal(flat.components_, deep.components_)
    np.testing.assert_array_equal(flat.transform(grouped_counts), deep.transform(grouped_counts))
    assert deep.score(grouped_counts) > flat.score(grouped_counts)
    elbo, iwae = (deep.perplexity(grouped_counts, method) for method in ("elbo", "iwae"))
    assert iwae < elbo


def test_a_layer_of_no_use_brings_a_warning(planted_counts):
    model = TopicModel(3, upper_components=(2,), max_epochs=1, random_state=0)
    model.fit(planted_counts)
    warned = any("upper layers" in warning for warning in model.diagnostics_.warnings)
    assert warned == (model.diagnostics_.elbo <= model.diagnostics_.elbo_without_depth)


def test_a_deep_model_is_saved_whole(deep, grouped_counts, tmp_path):
    deep.save(tmp_path / "model")
    again = TopicModel.load(tmp_path / "model")
    assert again.upper_components == (2,)
    assert again.get_topic_tree().words.tolist() == deep.get_topic_tree().words.tolist()
    assert again.score(grouped_counts) == pytest.approx(deep.score(grouped_counts), abs=1e-3)
    assert again.diagnostics_ == deep.diagnostics_


def test_a_flat_tree_has_no_parents(grouped_counts):
    tree = TopicModel(2, max_epochs=1, random_state=0).fit(grouped_counts).get_topic_tree()
    assert tree["layer"].tolist() == [0, 0]
    assert tree.parent.isna().all()
    with pytest.raises(InputError, match="at least 1 word"):
        TopicModel(2, max_epochs=1).fit(grouped_counts).get_topic_tree(0)


@pytest.mark.parametrize("upper", [(6,), (3, 3), (0,), (2.5,), 3, "3", None, (True,)])
def test_layers_must_shrink(upper, grouped_counts):
    with pytest.raises(InputError, match="upper_components must be"):
        TopicModel(6, upper_components=upper).fit(grouped_counts)


def test_depth_needs_a_family(grouped_counts):
    model = TopicModel(6, latent=Poisson(torch.tensor(2.0)), upper_components=(2,))
    with pytest.raises(InputError, match="latent to be the name of a family"):
        model.fit(grouped_counts)


def test_partial_fit_is_without_depth(grouped_counts):
    with pytest.raises(InputError, match="partial_fit cannot train upper_components"):
        TopicModel(6, upper_components=(2,)).partial_fit(grouped_counts)


@pytest.mark.parametrize("latent", ["poisson", "geometric", "binomial"])
def test_every_family_has_depth(latent, grouped_counts):
    model = TopicModel(4, latent=latent, upper_components=(2,), max_epochs=2, random_state=0)
    model.fit(grouped_counts[:50])
    assert np.isfinite(model.diagnostics_.elbo)
