"""``torchrun -m topicgen fit``: in two processes, the messages, files and topics of one."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.torch import load_file

from topicgen.cli import main, ranks
from topicgen.errors import InputError

KILLED = str(Path(__file__).with_name("killed_process.py"))
FIT = ("-k", 3, "--seed", 0, "--max-epochs", 6)


def launch(*words, cwd=None):
    """Run a program in two processes, and return what ended it and what topicgen printed."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    run = subprocess.run(
        [*command, *map(str, words)], capture_output=True, text=True, timeout=180, cwd=cwd
    )
    said = [line for line in run.stderr.splitlines() if line.startswith("topicgen: ")]
    return run.returncode, run.stdout, said


def check_same_model(found, expected):
    assert sorted(path.name for path in found.iterdir()) == sorted(
        path.name for path in expected.iterdir()
    )
    for name in ("weights.safetensors", "training.safetensors"):
        ours, theirs = load_file(found / name), load_file(expected / name)
        assert ours.keys() == theirs.keys()
        for entry, values in theirs.items():
            ours_too = ours[entry].double()
            assert ours_too.allclose(values.double(), rtol=1e-3, atol=1e-4), entry
    ours, theirs = (
        json.loads((folder / "config.json").read_text()) for folder in (found, expected)
    )
    assert ours.keys() == theirs.keys()
    for entry in ("parameters", "recipe", "structure", "seed"):
        assert ours.get(entry) == theirs.get(entry)


@pytest.fixture(scope="module")
def alone(news, tmp_path_factory):
    """The model folder of one process, and what it printed."""
    folder = tmp_path_factory.mktemp("alone") / "model"
    words = ["fit", news, *FIT, "-o", folder, "--quiet"]
    result = CliRunner().invoke(main, list(map(str, words)))
    assert result.exit_code == 0, result.stderr
    return folder, result.stdout


def test_two_processes_print_and_write_what_one_does(news, alone, tmp_path):
    folder, printed = alone
    status, stdout, said = launch(
        "-m", "topicgen", "fit", news, *FIT, "-o", tmp_path / "model", "--quiet"
    )
    assert (status, said) == (0, [])
    assert len(stdout.splitlines()) == len(printed.splitlines())
    assert stdout.splitlines()[:3] == printed.splitlines()[:3]
    check_same_model(tmp_path / "model", folder)


def test_two_processes_share_embeddings_of_the_documents_that_are_used(news, run, tmp_path):
    lines = Path(news).read_text().splitlines()
    twice = tmp_path / "twice.csv"
    twice.write_text("\n".join([*lines[:4], *lines[1:]]) + "\n")  # three are dropped
    random = np.random.default_rng(0)
    np.save(tmp_path / "e.npy", random.normal(size=(93, 4)))
    options = ("--deduplicate", "--embeddings", tmp_path / "e.npy", "--quiet")
    fit = ("fit", twice, *FIT, *options)
    result = run(*fit, "-o", tmp_path / "alone")
    assert result.exit_code == 0, result.stderr
    status, _, said = launch("-m", "topicgen", *fit, "-o", tmp_path / "together")
    assert (status, said) == (0, [])
    check_same_model(tmp_path / "together", tmp_path / "alone")


def test_a_mistake_is_explained_once(tmp_path):
    status, stdout, said = launch("-m", "topicgen", "fit", "nothing.csv", "-k", 3, cwd=tmp_path)
    assert (status, stdout) == (1, "")  # the status of torchrun; that of topicgen is 2
    assert said == ["topicgen: error: 'nothing.csv' does not exist; check the path"]


def test_only_fit_runs_in_several_processes(model):
    _, stdout, said = launch("-m", "topicgen", "topics", model)
    assert stdout == ""
    assert said == [
        "topicgen: error: torchrun can only run 'topicgen fit'; run 'topicgen topics' "
        "without torchrun"
    ]


@pytest.mark.parametrize("rank", [0, 1])
def test_what_a_killed_process_leaves_goes_on_in_one_process(news, alone, tmp_path, run, rank):
    folder, checkpoints = tmp_path / "model", tmp_path / "checkpoints"
    fit = ("fit", news, *FIT, "-o", folder, "--quiet", "--checkpoint", checkpoints, "--every", 1)
    status, stdout, said = launch(KILLED, rank, 20, *fit)
    assert (status, stdout, len(said)) == (1, "", 1)
    assert "--checkpoint DIR, run the same command with --resume to continue" in said[0]
    assert not folder.exists()
    assert len(list(checkpoints.iterdir())) == 2
    resumed = run(*fit, "--resume")
    assert resumed.exit_code == 0, resumed.stderr
    check_same_model(folder, alone[0])
    assert not checkpoints.exists()


def test_processes_are_those_of_torchrun(monkeypatch):
    for name, value in [("RANK", "1"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "localhost")]:
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MASTER_PORT", raising=False)
    assert (ranks.n_processes(), ranks.is_first(), ranks.is_to_explain()) == (1, True, True)
    monkeypatch.setenv("MASTER_PORT", "29500")
    assert (ranks.n_processes(), ranks.is_first()) == (2, False)
    monkeypatch.setenv("WORLD_SIZE", "many")
    assert (ranks.n_processes(), ranks.is_first()) == (1, True)


def test_counts_on_another_machine_are_not_within_reach(tmp_path):
    with pytest.raises(
        InputError, match="this machine cannot read that folder; count the texts with"
    ):
        ranks._mapped(str(tmp_path / "elsewhere"))
