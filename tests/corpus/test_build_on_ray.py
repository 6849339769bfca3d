"""A corpus built on a Ray cluster of two nodes, byte for byte that of one process."""

import hashlib
import os
import warnings

import pytest

from topicgen.cluster.ray_cluster import ray_cluster
from topicgen.corpus.build import build_corpus
from topicgen.corpus.build_in_parts import build_corpus_in_parts
from topicgen.corpus.reading.parts import Parts
from topicgen.corpus.reading.readers import read_documents
from topicgen.corpus.word_counter import WordCounter
from topicgen.errors import InputError

pytest.importorskip("ray", reason="needs ray")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nodes(tmp_path_factory):
    """Start a cluster: a head without a core for tasks, and two nodes with one each."""
    from ray.cluster_utils import Cluster

    before = os.environ.get("RAY_USAGE_STATS_ENABLED")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "object_store_memory": 100 * 2**20},
        )
        second = cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20)
        cluster.wait_for_nodes()
    yield cluster, second
    cluster.shutdown()
    if before is None:
        del os.environ["RAY_USAGE_STATS_ENABLED"]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "lines.txt"
    words = [
        "bank",
        "rates",
        "rose",
        "rain",
        "snow",
        "fell",
        "river",
        "water",
        "money",
        "loans",
        "house",
        "again",
        "never",
    ]
    path.write_text(
        "".join(
            f"{words[n % 7]} {words[n * n % 7]} word{n % 997} {words[(n + n // 9) % 7]}\n"
            for n in range(20_000)
        )
    )
    return path


def digests(folder):
    """Return the SHA-256 of each file of a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def build(path, folder, executor, *, progress=None, deduplicate=False, **options):
    parts = Parts(path, span_bytes=2**15)
    counter = WordCounter(**options).for_shards()
    build_corpus_in_parts(
        parts, counter, folder, executor, deduplicate=deduplicate, progress=progress
    )
    return digests(folder)


@pytest.fixture(scope="module")
def expected(text, tmp_path_factory):
    """Return the digests of the corpus, with duplicates and without."""
    folder = tmp_path_factory.mktemp("expected")
    for drop in (False, True):
        build_corpus(read_documents(text), WordCounter(), folder / str(drop), deduplicate=drop)
    return {drop: digests(folder / str(drop)) for drop in (False, True)}


@pytest.mark.parametrize("deduplicate", [False, True])
def test_two_nodes_write_the_same_bytes(nodes, text, expected, tmp_path, deduplicate):
    with ray_cluster(nodes[0].address) as executor:
        written = build(text, tmp_path / "corpus", executor, deduplicate=deduplicate)
    assert written == expected[deduplicate]


def test_a_mistake_in_a_task_is_the_same_line(nodes, text, tmp_path):
    with ray_cluster(nodes[0].address) as executor, pytest.raises(InputError) as raised:
        build(text, tmp_path / "corpus", executor, tokenizer="json:loads")
    message = str(raised.value)
    assert message.startswith("the tokenizer json:loads failed at the document '1', with the text")
    assert "\n" not in message
    assert not (tmp_path / "corpus").exists()


def test_a_node_killed_midway_costs_time_not_data(nodes, text, expected, tmp_path):
    cluster, second = nodes
    n_bytes, n_read = text.stat().st_size, 0

    def kill(more):
        nonlocal n_read
        n_read += more
        if n_read == n_bytes:  # half of the counts wait on the second node for the vocabulary
            cluster.remove_node(second, allow_graceful=False)

    with ray_cluster(cluster.address) as executor:
        assert build(text, tmp_path / "corpus", executor, progress=kill) == expected[False]
    assert n_read == n_bytes
