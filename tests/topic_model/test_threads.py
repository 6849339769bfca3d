"""Many threads on one model get, bit by bit, what calls one after another get.

The threads start at once on a model that has just been loaded, so that what is made on first use is
made by several at a time, and Python switches between them as often as it can. A race would have to
be missed in every one of some hundred calls.
"""

import sys
import threading
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from topicgen import TopicModel

N_THREADS, N_CALLS = 12, 5

WORDS = [
    "market",
    "stocks",
    "bank",
    "rates",
    "trade",
    "match",
    "goal",
    "team",
    "coach",
    "cup",
    "album",
    "song",
    "band",
    "drum",
    "stage",
]


def texts(seed: int, n: int) -> list[str]:
    random = np.random.default_rng(seed)
    some = [random.choice(WORDS[5 * (row % 3) :][:5], random.integers(3, 30)) for row in range(n)]
    return [*map(" ".join, some), "", "unheard of"]


@pytest.fixture(scope="module", params=["plain", "prevalence", "layers"])
def folder(request, tmp_path_factory):
    """A model folder: of a model without covariates, with them, or with a layer above."""
    options: dict[str, Any] = {
        "plain": {},
        "prevalence": {"prevalence": "~ party + year"},
        "layers": {"upper_components": (2,), "likelihood": "poisson"},
    }[request.param]
    docs = texts(0, 120)
    metadata = pd.DataFrame({"party": ["a", "b"] * 61, "year": np.arange(122) % 7})
    model = TopicModel(3, max_epochs=3, random_state=0, **options).fit(docs, metadata=metadata)
    path = tmp_path_factory.mktemp("models") / "model"
    model.save(path)
    return path


def in_threads(calls: list[Callable[[], Any]], n_threads: int = N_THREADS) -> list[Any]:
    """Return the results of calls that many threads make, each a share of them, at the same time.

    Raises:
        Exception: what a call raised.
    """
    results: list[Any] = [None] * len(calls)
    errors: list[BaseException] = []
    barrier = threading.Barrier(n_threads)

    def work(first: int) -> None:
        barrier.wait()
        try:
            for place in range(first, len(calls), n_threads):
                results[place] = calls[place]()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(first,)) for first in range(n_threads)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    if errors:
        raise errors[0]
    return results


def calls_on(model: TopicModel) -> list[Callable[[], Any]]:
    """Return calls of every method that a service makes, on different documents."""
    metadata = {"party": ["b"] * 22, "year": [3] * 22}
    methods: list[Callable[[list[str]], Any]] = [
        lambda docs: model.transform(docs),
        lambda docs: model.transform(docs * 52),  # several blocks, with others' in between
        lambda docs: model.transform(docs, metadata=metadata),
        lambda docs: model.posterior(docs, n_draws=8, random_state=5).tokens,
        lambda docs: model.posterior(docs, fast=True).interval(0.8, of="proportions"),
        lambda docs: model.perplexity(docs[:20]),
        lambda docs: model.perplexity(docs[:20], method="elbo"),
        lambda docs: model.top_words(5),
        lambda docs: model.explain(docs[0]).to_frame(),
        lambda docs: model.get_document_info(docs, empty="missing"),
        lambda docs: (model.components_, model.get_topic_info(), model.topic_share_),
    ]
    return [
        partial(method, texts(seed, 20)) for seed in range(1, N_CALLS + 1) for method in methods
    ]


def bits(value: Any) -> Any:
    """Return what is equal only where all bits are."""
    if isinstance(value, tuple | list):
        return [bits(part) for part in value]
    if isinstance(value, pd.DataFrame):
        return [bits(value[name].to_numpy()) for name in value] + [list(value.columns)]
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.dtype.str, value.shape, value.tobytes()
    return repr(value if not isinstance(value, np.ndarray) else value.tolist())


@pytest.mark.parametrize("n_torch_threads", [1, 2])
def test_threads_get_what_calls_in_turn_get(folder, n_torch_threads):
    before = torch.get_num_threads()
    torch.set_num_threads(n_torch_threads)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # in all threads: filters are those of the process
            expected = [bits(call()) for call in calls_on(TopicModel.load(folder))]
            found = [bits(value) for value in in_threads(calls_on(TopicModel.load(folder)))]
    finally:
        torch.set_num_threads(before)
    assert [place for place, one in enumerate(found) if one != expected[place]] == []


def test_threads_leave_the_process_as_it_was(folder):
    model = TopicModel.load(folder)
    filters, state = list(warnings.filters), torch.get_rng_state()
    n_threads = torch.get_num_threads()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        in_threads(calls_on(model))
    assert warnings.filters == filters
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == n_threads
    of_new_thread = in_threads([torch.get_num_threads], 1)
    assert of_new_thread == [n_threads]


def test_a_shared_state_that_races_is_found(folder):
    """The test above sees a generator that calls share: the very fault that it is there for."""
    model = TopicModel.load(folder)
    shared = torch.Generator().manual_seed(0)

    def call(docs: list[str]) -> Any:
        shared.manual_seed(0)
        first = torch.rand(1, generator=shared).item()
        time.sleep(1e-3)  # for others to draw meanwhile
        return first, torch.rand(1, generator=shared).item(), model.transform(docs)

    calls = [partial(call, texts(seed, 3)) for seed in range(60)]
    expected = [bits(one()) for one in calls]
    assert [bits(value) for value in in_threads(calls)] != expected
