import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.training import Collection, Ranks, current_ranks, joined
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("rank", "address", "message"),
    [
        (0, "localhost", "'host:port' of rank 0, got 'localhost'"),
        (0, "localhost:http", "'host:port' of rank 0, got 'localhost:http'"),
        (2, "localhost:29500", "from 0 to 1 with 2 processes, got 2"),
    ],
)
def test_an_address_or_a_rank_that_cannot_be_one(rank, address, message):
    with pytest.raises(InputError, match=message), joined(rank, 2, address):
        pass


def test_one_process_joins_nobody():
    with joined(0, 1, "localhost:29500") as ranks:
        assert ranks.size == 1


def test_processes_join_without_torchrun():
    """In two processes that find each other by an address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        address = f"localhost:{free.getsockname()[1]}"
    program = (
        "import sys; from topicgen.training import joined, current_ranks\n"
        f"with joined(int(sys.argv[1]), 2, {address!r}) as ranks:\n"
        "    assert current_ranks() is ranks\n"
        "    print(ranks.gather(ranks.rank))\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", program, str(rank)], stdout=subprocess.PIPE)
        for rank in range(2)
    ]
    assert [run.communicate(timeout=120)[0] for run in runs] == [b"[0, 1]\n"] * 2
