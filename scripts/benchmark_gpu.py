"""How fast a GPU is: training, relaxed samples, whole fits, and what follows a fit.

    python scripts/benchmark_gpu.py                       # four minutes on an H100
    python scripts/benchmark_gpu.py --only training relaxation
    python scripts/benchmark_gpu.py --quick               # a check that everything runs

Sections, in this order:

- training: documents per second at several batch sizes, on 20 Newsgroups (20ng_5000, each post
  repeated eight times, so that the fixed cost of an epoch counts little), K = 50.
- vocabulary: the same for vocabularies of 2,000 to 200,000 words, on generated documents of 100
  tokens, in batches of 4,096, compared with a dense ProdLDA (scripts/dense_prodlda.py, with fused
  Adam and batches made on the GPU) and, if Pyro is installed, the ProdLDA of Pyro's examples.
- relaxation: forward and backward passes of `rsample`, compared with torch.softmax with noise from
  torch.rand, and with the time it takes to read the scores twice and to write their gradient, at
  the bandwidth of a copy, which is measured here.
- fit: whole fits of 20 Newsgroups with the defaults and several seeds, with the scores of
  scripts/benchmark_peers.py; the first fit of the process, which compiles the kernels, is listed
  separately.
- sizes: whole fits of smaller collections, on the CPU and on the GPU.
- million: a million generated documents of 50 planted topics, ten epochs.
- after: what follows a fit, on the test posts.
- profile: the ten slowest kernels of a step at the default batch size, and launches per step.

20 Newsgroups is read from $TOPICGEN_DATA, by default ../shared/data. Writes gpu.md, gpu.json and
gpu.png to --output; sections that are not run keep their figures. Without a GPU it says so, and
runs everything at a small size on the CPU.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from benchmark_peers import load, score
from dense_prodlda import ProdLDA
from torch import Tensor

from topicgen import TopicModel, evaluation
from topicgen.distributions import Finite, GeneralizedGumbelSoftmax
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.topic_model.settings import Settings
from topicgen.training import Collection, Schedule, Trainer, generator, smoothed_frequency

K = 50
DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def wait() -> None:
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def seconds(work: Callable[[], Any]) -> float:
    wait()
    start = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - start


def generated(n_documents: int, n_words: int, n_tokens: int, seed: int = 0) -> sp.csr_matrix:
    """Return documents with words drawn from a Zipf distribution."""
    random = np.random.default_rng(seed)
    mass = 1 / np.arange(1, n_words + 1) ** 0.9
    words = random.choice(n_words, n_documents * n_tokens, p=mass / mass.sum())
    rows = np.repeat(np.arange(n_documents), n_tokens)
    return sp.csr_matrix((np.ones(len(words)), (rows, words)), shape=(n_documents, n_words))


def planted(n_documents: int, n_words: int, n_tokens: int) -> tuple[sp.csr_matrix, np.ndarray]:
    """Return documents of planted topics, and the topics."""
    random = torch.Generator(DEVICE).manual_seed(0)
    topics = torch.distributions.Dirichlet(torch.full((n_words,), 0.02, device=DEVICE)).sample((K,))
    parts = []
    for start in range(0, n_documents, 100_000):
        n = min(100_000, n_documents - start)
        proportions = torch.empty(n, K, device=DEVICE).exponential_(generator=random) ** 4
        topic = torch.multinomial(proportions, n_tokens, replacement=True, generator=random)
        word = torch.empty_like(topic)
        for k in range(K):
            which = (topic == k).nonzero(as_tuple=True)
            drawn = torch.multinomial(topics[k], len(which[0]), True, generator=random)
            word[which] = drawn
        keys, values = (torch.arange(n, device=DEVICE)[:, None] * n_words + word).unique(
            return_counts=True
        )
        rows, columns = (keys // n_words).cpu().numpy(), (keys % n_words).cpu().numpy()
        counts = values.cpu().numpy().astype(np.float32)
        parts.append(sp.csr_matrix((counts, (rows, columns)), shape=(n, n_words)))
    return sp.vstack(parts).tocsr(), topics.cpu().numpy()


# -- training ----------------------------------------------------------------------------------


def documents_per_second(counts: sp.csr_matrix, batch_size: int, n_epochs: int) -> float:
    """Return the speed of some epochs, not counting the start of a run."""
    collection = Collection(counts, device=DEVICE)
    parameters = TopicModel(K, batch_size=batch_size, device=DEVICE).get_params()
    settings = Settings.resolve(parameters, counts.shape[0])
    model = LatentCountModel(
        settings.first_prior(),
        smoothed_frequency(collection.word_totals()),
        prior_count=settings.prior_count,
        smoothing=settings.smoothing,
        generator=generator(0, "cpu"),
    ).to(DEVICE)
    trainer = Trainer(model, batch_size=batch_size, generator=generator(1, DEVICE))
    watched = collection.select(torch.arange(min(500, len(collection))))

    def run(n: int) -> None:
        steps = n * math.ceil(len(collection) / batch_size)
        trainer.run(collection, watched, Schedule(steps, (1.0, 0.5), 0.1))

    run(2)
    short = median(seconds(lambda: run(1)) for _ in range(3))
    long = median(seconds(lambda: run(1 + n_epochs)) for _ in range(3))
    return len(collection) * n_epochs / max(long - short, 1e-9)


def training(size: float) -> pd.DataFrame:
    counts = load("20ng_5000")["train"]
    counts = sp.vstack([counts] * 8).tocsr()[: int(size * 8 * counts.shape[0])]
    rows = []
    for batch_size in (256, 1024, 4096, 8192):
        speed = documents_per_second(counts, batch_size, 6 if size == 1 else 1)
        per_step = 1000 * batch_size / speed
        rows.append({"batch": batch_size, "documents/s": round(speed), "ms per step": per_step})
    return pd.DataFrame(rows)


def dense_prodlda(counts: sp.csr_matrix, batch_size: int) -> float:
    model = ProdLDA(counts.shape[1], K).to(DEVICE)
    fused = DEVICE.type == "cuda"
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.99, 0.999), fused=fused)
    return _dense_speed(counts, batch_size, model.loss, optimizer)


def _dense_speed(
    counts: sp.csr_matrix,
    batch_size: int,
    loss: Callable[[Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
) -> float:
    rows = SparseCounts.from_csr(counts, device=DEVICE)
    n_steps = 10

    def steps() -> None:
        for _ in range(n_steps):
            batch = rows.select(torch.randint(len(rows), (batch_size,), device=DEVICE))
            shape = batch_size, batch.n_columns
            x = torch.sparse_csr_tensor(
                batch.starts, batch.columns, batch.values, shape, check_invariants=False
            ).to_dense()
            optimizer.zero_grad()
            loss(x).backward()
            optimizer.step()

    steps()
    return n_steps * batch_size / median(seconds(steps) for _ in range(3))


def pyro_prodlda(counts: sp.csr_matrix, batch_size: int) -> float:
    """Return the speed of Pyro's example, in steps of its SVI."""
    import pyro
    from pyro import distributions as dist
    from pyro.infer import SVI, TraceMeanField_ELBO

    network = ProdLDA(counts.shape[1], K).to(DEVICE)
    pyro.clear_param_store()

    def model(x: Tensor) -> None:
        pyro.module("decoder", network)
        with pyro.plate("documents", len(x)):
            zero = x.new_zeros(len(x), K)
            z = pyro.sample("z", dist.Normal(zero, torch.ones_like(zero)).to_event(1))
            theta = network.dropout(z.softmax(-1))
            logits = network.logits(theta)
            total = int(x.sum(-1).max())
            pyro.sample("x", dist.Multinomial(total, logits=logits, validate_args=False), obs=x)

    def guide(x: Tensor) -> None:
        pyro.module("encoder", network)
        with pyro.plate("documents", len(x)):
            mean, log_variance = network.posterior(x)
            pyro.sample("z", dist.Normal(mean, (0.5 * log_variance).exp()).to_event(1))

    svi = SVI(model, guide, pyro.optim.Adam({"lr": 2e-3}), TraceMeanField_ELBO())

    class Steps:
        def zero_grad(self) -> None: ...

        def step(self) -> None: ...

    def loss(x: Tensor) -> Tensor:
        svi.step(x)  # samples, differentiates and updates
        return torch.zeros((), device=DEVICE, requires_grad=True)

    return _dense_speed(counts, batch_size, loss, Steps())


def vocabulary(size: float) -> pd.DataFrame:
    rows = []
    sizes = (2_000, 20_000, 50_000, 200_000) if size == 1 else (2_000,)
    batch_size = 4096 if size == 1 else 64
    for n_words in sizes:
        counts = generated(round(65_536 * size), n_words, 100)
        row = {"words": n_words, "topicgen": documents_per_second(counts, batch_size, 15)}
        row["dense ProdLDA"] = dense_prodlda(counts, batch_size)
        try:
            row["Pyro's ProdLDA"] = pyro_prodlda(counts, batch_size)
        except ImportError:
            row["Pyro's ProdLDA"] = math.nan
        row["ratio to dense ProdLDA"] = row["topicgen"] / row["dense ProdLDA"]
        rows.append(row)
    return pd.DataFrame(rows)


# -- relaxed samples ---------------------------------------------------------------------------


def bandwidth() -> float:
    """Return the bytes per second that a copy reads and writes."""
    x = torch.empty(2**28 if DEVICE.type == "cuda" else 2**22, device=DEVICE)
    y = torch.empty_like(x)
    y.copy_(x)
    return 8 * x.numel() / median(seconds(lambda: y.copy_(x)) for _ in range(10))


def relaxation(size: float) -> pd.DataFrame:
    copied, rows = bandwidth(), []
    for shape in ((8192, 50, 64), (1024, 50, 27), (256, 50, 64)):
        shape = (max(1, int(shape[0] * size)), *shape[1:])
        scores = torch.randn(shape, device=DEVICE, requires_grad=True)
        atoms = torch.arange(float(shape[-1]), device=DEVICE)
        law = Finite(scores, atoms, validate_args=False)
        given = torch.randn(shape[:-1], device=DEVICE)

        ours = GeneralizedGumbelSoftmax(law, 0.5).rsample

        def bare(scores: Tensor = scores, atoms: Tensor = atoms) -> Tensor:
            noise = -torch.log(-torch.log(torch.rand_like(scores)))
            return torch.softmax((scores + noise) / 0.5, -1) @ atoms

        times: dict[str, list[float]] = {"topicgen": [], "softmax": []}
        busy: dict[str, list[float]] = {"topicgen": [], "softmax": []}
        for _ in range(5 if size < 1 else 60):
            for name, draw in (("topicgen", ours), ("softmax", bare)):

                def work(
                    draw: Callable[[], Tensor] = draw, x: Tensor = scores, given: Tensor = given
                ) -> None:
                    x.grad = None
                    draw().backward(given)

                times[name].append(seconds(work))
                busy[name].append(gpu_seconds(work))
        row: dict[str, Any] = {"shape": " x ".join(map(str, shape))}
        for name in times:
            row[f"{name} ms"] = 1e3 * median(times[name][2:])
            row[f"{name} ms of GPU"] = 1e3 * median(busy[name][2:])
        row["floor ms"] = 1e3 * 3 * scores.numel() * 4 / copied
        row["TB/s of a copy"] = copied / 1e12
        rows.append(row)
    return pd.DataFrame(rows)


def gpu_seconds(work: Callable[[], Any]) -> float:
    """Return the time that the work keeps the GPU busy, with its launches queued."""
    if DEVICE.type != "cuda":
        return seconds(work)
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    # The GPU sleeps while the launches are queued.
    torch.cuda._sleep(4_000_000)
    start.record()
    work()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end) / 1e3


# -- whole fits --------------------------------------------------------------------------------


def fit(size: float) -> pd.DataFrame:
    corpus = load("20ng_5000")
    if size < 1:
        for part in ("train", "test"):
            corpus[part] = corpus[part][:200]
        corpus["labels"] = corpus["labels"][:200]
    rows = []
    for number in range(2 if size < 1 else 6):
        model = TopicModel(K, random_state=max(0, number - 1), device=DEVICE)
        took = seconds(lambda model=model: model.fit(corpus["train"]))
        row = {"seed": model.random_state, "fit": "first" if number == 0 else "later", "s": took}
        scores = score(corpus, model.components_, model.transform)
        rows.append({**row, "epochs": len(model.history_), **scores})
    return pd.DataFrame(rows)


def sizes(size: float) -> pd.DataFrame:
    counts = load("20ng_5000")["train"]
    rows = []
    for n in (200, 1_000, 4_000) if size == 1 else (60,):
        row: dict[str, Any] = {"documents": n, "entries": counts[:n].nnz}
        for device in ("cpu", DEVICE.type):
            model = TopicModel(K if n > 500 else 10, random_state=0, device=device)
            row[f"{device} s"] = seconds(lambda model=model, n=n: model.fit(counts[:n]))
        rows.append(row)
    return pd.DataFrame(rows)


def million(size: float) -> pd.DataFrame:
    n_words, n_documents = (20_000, 1_000_000) if size == 1 else (500, 3_000)
    counts, topics = planted(n_documents, n_words, 100)
    TopicModel(K, device=DEVICE, max_epochs=1, random_state=0).fit(counts[:5_000])  # compiles
    model = TopicModel(K, device=DEVICE, max_epochs=10, patience=10, random_state=0)
    took = seconds(lambda: model.fit(counts))
    found = model.components_
    unit = [matrix / np.linalg.norm(matrix, axis=1, keepdims=True) for matrix in (topics, found)]
    cosine = (unit[0] @ unit[1].T).max(1)
    row = {
        "documents": n_documents,
        "epochs": len(model.history_),
        "s": took,
        "least cosine": cosine.min(),
        "median cosine": np.median(cosine),
        "topics of cosine above .9": int((cosine > 0.9).sum()),
    }
    return pd.DataFrame([row])


def after(size: float) -> pd.DataFrame:
    corpus = load("20ng_5000")
    test = corpus["test"][: int(size * corpus["test"].shape[0])]
    model = TopicModel(K, random_state=0, device=DEVICE).fit(corpus["train"][: int(size * 11_314)])
    observed, _ = evaluation.split_tokens(test, random_state=0)
    tasks = {
        "transform": lambda: model.transform(sp.csr_matrix(observed)),
        "perplexity, document completion": lambda: model.perplexity(test),
        "perplexity, elbo": lambda: model.perplexity(test, "elbo"),
        "perplexity, iwae": lambda: model.perplexity(test, "iwae"),
        "posterior": lambda: model.posterior(test).interval(0.9),
        "perplexity of 100 documents, ais": lambda: model.perplexity(test[:100], "ais"),
    }
    rows = []
    for name, work in tasks.items():
        first = seconds(work)
        rows.append({"task": name, "first s": first, "s": seconds(work) if first < 5 else first})
    return pd.DataFrame(rows)


def profile(size: float) -> pd.DataFrame:
    from torch.profiler import ProfilerActivity
    from torch.profiler import profile as profiled

    if DEVICE.type != "cuda":
        return pd.DataFrame([{"kernel": "no GPU, no kernels"}])
    counts = load("20ng_5000")["train"]
    documents_per_second(counts, 1024, 1)
    with profiled(activities=[ProfilerActivity.CUDA]) as found:
        documents_per_second(counts, 1024, 20)
        wait()
    kernels = [e for e in found.key_averages() if e.self_device_time_total > 0]
    total = sum(e.self_device_time_total for e in kernels)
    n_steps = next(e.count for e in kernels if e.key == "_race_gradient")  # one in each step
    launches = sum(e.count for e in kernels) / n_steps
    kernels.sort(key=lambda e: -e.self_device_time_total)
    rows = [
        {
            "kernel": e.key[:70],
            "us per step": e.self_device_time_total / n_steps,
            "share": e.self_device_time_total / total,
            "calls per step": e.count / n_steps,
        }
        for e in kernels[:10]
    ]
    every = f"all, with those of an epoch: {launches:.0f} launches per step"
    per_step = {"us per step": total / n_steps, "share": 1.0, "calls per step": launches}
    return pd.DataFrame([*rows, {"kernel": every, **per_step}])


SECTIONS = {
    section.__name__: section
    for section in (training, vocabulary, relaxation, fit, sizes, million, after, profile)
}


# -- report ------------------------------------------------------------------------------------


def markdown(table: pd.DataFrame) -> str:
    def cell(value: Any) -> str:
        if not isinstance(value, float):
            return f"{value:,}" if isinstance(value, int) else str(value)
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

    lines = ["| " + " | ".join(table.columns) + " |", "|---" * len(table.columns) + "|"]
    lines += ["| " + " | ".join(map(cell, row)) + " |" for row in table.itertuples(index=False)]
    return "\n".join(lines)


def draw(tables: dict[str, pd.DataFrame], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(10, 4), constrained_layout=True)
    shown = tables["training"]
    axes[0].plot(shown["batch"], shown["documents/s"], "o-", color="#c0392b")
    axes[0].set(xscale="log", yscale="log", xlabel="documents per batch", ylabel="documents/s")
    axes[0].set_title("20 Newsgroups, 5,000 words", loc="left", fontsize=11)
    shown = tables["vocabulary"]
    for name, color in zip(shown.columns[1:4], ("#c0392b", "#4a5a6a", "#9aa5b1"), strict=True):
        axes[1].plot(shown["words"], shown[name], "o-", color=color, label=name)
    axes[1].set(xscale="log", yscale="log", xlabel="words in the vocabulary", ylabel="documents/s")
    axes[1].set_title("generated documents, batches of 4,096", loc="left", fontsize=11)
    axes[1].legend(frameon=False)
    for axis, ticks in zip(axes, (tables["training"]["batch"], shown["words"]), strict=True):
        axis.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
        axis.minorticks_off()
        axis.set_ylim(bottom=3e4, top=1e7)
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(alpha=0.25)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="run everything at a small size")
    parser.add_argument("--output", type=Path, default=Path("docs/benchmarks"))
    arguments = parser.parse_args()
    is_quick = arguments.quick or DEVICE.type != "cuda"
    card = torch.cuda.get_device_name() if DEVICE.type == "cuda" else "no GPU (small, on the CPU)"
    heading = f"{card}, torch {torch.__version__}, K = {K}."
    print(heading, flush=True)
    stem = arguments.output / "gpu"
    record = read(stem.with_suffix(".json"), heading)
    for name in arguments.only:
        start = time.perf_counter()
        table = SECTIONS[name](0.02 if is_quick else 1)
        record["tables"][name] = table.to_dict("list")
        print(f"\n{name} ({time.perf_counter() - start:.0f} s)\n\n{markdown(table)}", flush=True)
        if not is_quick:
            write(record, stem)


def read(path: Path, heading: str) -> dict[str, Any]:
    """Return the tables of an earlier run on the same card, for the sections that are not run."""
    earlier: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return earlier if earlier.get("heading") == heading else {"heading": heading, "tables": {}}


def write(record: dict[str, Any], stem: Path) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    tables = {
        name: pd.DataFrame(record["tables"][name]) for name in SECTIONS if name in record["tables"]
    }
    text = [record["heading"]]
    text += [f"\n**{name}**\n\n{markdown(table)}" for name, table in tables.items()]
    stem.with_suffix(".md").write_text("\n".join(text) + "\n")
    if {"training", "vocabulary"} <= tables.keys():
        draw(tables, stem.with_suffix(".png"))


if __name__ == "__main__":
    main()
