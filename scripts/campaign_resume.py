"""Kill fits again and again, at every kind of moment, and see that the same model comes out.

A fit with a checkpoint at every step is killed after a step, at a file event of its checkpoints or
after some time, and resumed, until it is complete. Its model has to be that of an undisturbed fit,
file by file, and its folder of checkpoints has to hold nothing but checkpoints.

    python scripts/campaign_resume.py --n 300 --seed 0
"""

import argparse
import faulthandler
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from campaigns.child import run
from campaigns.contents import digest
from campaigns.killing import watch_files
from campaigns.outcome import Outcome
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from topicgen import TopicModel
from topicgen.training import Trainer
from topicgen.training.checkpoint import checkpoint_files

N, N_WORDS = 60, 24
COUNTS = csr_matrix(np.random.default_rng(0).poisson(0.6, (N, N_WORDS)) + np.eye(N, N_WORDS))
METADATA = pd.DataFrame({"x": np.linspace(-1, 1, N), "party": list("ab") * (N // 2)})
MODELS: dict[str, dict[str, Any]] = {
    "plain": {},
    "implicit": {"inference": "implicit"},
    "poisson": {"latent": "poisson", "likelihood": "negative_binomial"},
    "score function": {"gradient_estimator": "leave_one_out"},
    "arrivals": {"gradient_estimator": "eat", "background": True},
    "layers": {"upper_components": (3, 2)},
    "prevalence": {"prevalence": "~ x + (1 | party)", "content": "party"},
}
KINDS = ("step", "file event", "moment")
LONGEST = 60.0  # seconds; a fit takes about one


def main() -> None:
    """Run the campaign, and print a table by kind of kill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=300, help="kills")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    tried: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    choice = random.Random(options.seed)
    with threadpool_limits(1):  # a fork does not have its parent's threads
        whole = {name: run(model_of, name, None, seconds=120, megabytes=None) for name in MODELS}
        while sum(tried.values()) < options.n:
            name = choice.choice(list(MODELS))
            kills, fault = until_complete(name, choice, whole[name].value)
            tried.update(kills)
            if fault:
                faults[kills[-1] if kills else "none"] += 1
                print(f"fault: {name}, killed at {kills}: {fault}")
    print(f"{'killed at':12s} {'kills':>6s} {'faults':>6s}")
    for kind in KINDS:
        print(f"{kind:12s} {tried[kind]:6d} {faults[kind]:6d}")
    sys.exit(bool(faults))


def until_complete(name: str, choice: random.Random, whole: Any) -> tuple[list[str], str | None]:
    """Kill and resume a fit until it is complete; return how it was killed, and what is wrong."""
    kills: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, "saved")
        while True:
            kind = choice.choice(KINDS)
            outcome = killed(name, folder, kind, choice)
            if outcome.status == 0:
                break
            if outcome.stopped == "time" and kind != "moment":
                return [*kills, kind], f"hangs for {LONGEST:.0f} seconds\n{outcome.stderr}"
            if outcome.signal != signal.SIGKILL and outcome.stopped != "time":
                return kills, f"{outcome.error}\n{outcome.traceback}"
            kills.append(kind)
        if outcome.value != whole:
            return kills, f"{outcome.value} instead of {whole}"
        others = set(folder.iterdir()) - set(checkpoint_files(folder))
        return kills, f"left behind: {others}" if others else None


def killed(name: str, folder: Path, kind: str, choice: random.Random) -> Outcome:
    """Fit in a child that is killed at some moment, unless it is complete before."""
    seconds = choice.uniform(0.05, 1.5) if kind == "moment" else LONGEST
    number = choice.randrange(1, 60) if kind == "file event" else choice.randrange(1, 8)

    def fit() -> Any:
        faulthandler.dump_traceback_later(LONGEST - 5)  # where it hangs, if it does
        if kind == "step":
            move = Trainer.move
            Trainer.move = _killing(move, number)  # type: ignore[method-assign]
        elif kind == "file event":
            watch_files(folder, number - 1)
        return model_of(name, folder)

    return run(fit, seconds=seconds, megabytes=None)


def model_of(name: str, folder: Path | None) -> dict[str, str]:
    """Fit, and return the digests of the files of the saved model."""
    model = TopicModel(4, max_epochs=2, batch_size=20, random_state=0, **MODELS[name])
    saving = {} if folder is None else {"checkpoint": folder, "every": "0.0000001min"}
    model.fit(COUNTS, metadata=METADATA, resume=folder is not None, **saving)
    with tempfile.TemporaryDirectory() as home:
        model.save(Path(home, "model"))
        return {file.name: digest(file) for file in sorted(Path(home, "model").iterdir())}


def _killing(work: Callable[..., Any], last: int) -> Callable[..., Any]:
    """Return a function that ends the process instead of being called for the last time."""
    n_calls = 0

    def call(*args: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return work(*args)

    return call


if __name__ == "__main__":
    main()
