import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.training import Collection, Ranks, current_ranks
from topicgen.training.batches import Batches
from topicgen.training.ranks import sum_gradients_

from .ranks_program import KINDS, fits

PROGRAM = Path(__file__).with_name("ranks_program.py")


def launch(n, *arguments):
    """Run a program in several processes."""
    return subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n)]
        + [str(each) for each in arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def alone():
    return fits()


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    path = tmp_path_factory.mktemp("ranks") / "fits.npz"
    run = launch(2, PROGRAM, path)
    assert run.returncode == 0, run.stderr
    return np.load(path)


@pytest.mark.parametrize("kind", KINDS)
def test_several_processes_fit_the_model_of_one(alone, together, kind):
    for name in ("topics", "shares", "perplexity", "log_likelihood"):
        found, expected = together[f"{kind}/{name}"], alone[f"{kind}/{name}"]
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("sizes", [[], [3], [1, 1, 1, 1, 1, 1], [100, 1, 1, 1], [0, 0, 0]])
def test_every_item_is_one_ranks(size, sizes):
    shares = [
        Ranks(rank, size).share(torch.tensor(sizes, dtype=torch.int64)) for rank in range(size)
    ]
    items = [item for share in shares for item in range(len(sizes))[share]]
    assert items == list(range(len(sizes)))


def test_shares_are_of_equal_work():
    sizes = torch.tensor([40, *[10] * 4, *[20] * 8])
    work = [int(sizes[Ranks(rank, 4).share(sizes)].sum()) for rank in range(4)]
    assert max(work) - min(work) <= 20


def test_this_process_is_alone_by_default():
    ranks = current_ranks()
    assert (ranks.rank, ranks.size, ranks.is_first) == (0, 1, True)
    assert ranks.is_first_to("speak")


def test_several_processes_need_a_generator_that_can_be_shared():
    collection = Collection(csr_matrix(np.eye(9)))
    with pytest.raises(TypeError, match=r"topicgen.training.generator\(seed, device\)"):
        Batches(
            collection,
            batch_size=8,
            token_dropout=0.5,
            count_power=1.0,
            generator=torch.Generator(),
            ranks=Ranks(0, 2),
        )


def test_a_gradient_that_is_missing_here_is_that_of_the_others():
    class Others(Ranks):
        def sum_(self, values):
            return values.add_(1.0)

    model = torch.nn.Linear(2, 1)
    model.bias.grad = torch.tensor([3.0])
    values = torch.tensor([5.0])
    sum_gradients_(model, values, Others(0, 2))
    assert values.tolist() == [6.0]
    assert model.weight.grad.tolist() == [[1.0, 1.0]]
    assert model.bias.grad.tolist() == [4.0]
