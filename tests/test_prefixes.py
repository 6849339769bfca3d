import torch

from topicgen.prefixes import entries_under


def test_entries_under_a_prefix_lose_it():
    state = {name: torch.ones(1) for name in ("layers.1.atoms", "layers.10.atoms", "atoms")}
    assert list(entries_under(state, "layers.1.")) == ["atoms"]
