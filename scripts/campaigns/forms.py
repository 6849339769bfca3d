"""Every form of input: a small valid one, how it is read, and what must hold of what is read."""

import bz2
import gzip
import io
import lzma
import random
import warnings
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from topicgen.cli.seed_files import read_seeds
from topicgen.corpus import Corpus, Document, read_documents, read_stop_words
from topicgen.corpus.document import texts_of
from topicgen.corpus.formats import read_corpus, write_corpus
from topicgen.corpus.word_counter import WordCounter

_WORDS = [
    "bank", "rate", "fund", "growth", "tax", "vote", "bill", "party", "café", "naïve", "北京",
    "match", "goal", "team", "rain",
]  # fmt: skip
_COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def _no_total(files: dict[str, bytes]) -> int | None:
    return None


class Form(NamedTuple):
    """A form of input.

    Args:
        name: of the form.
        files: the content of each file of a valid input, by its path.
        source: the path that is read.
        read: returns what a source holds, ready to be compared; raises InputError.
        packed: the compressed or archived file whose content is mutated, too, before it is packed.
        is_summed: whether the file has a checksum of all that it holds.
        total: returns the sum of the counts in the files, by a plain reading of them, or None.
        may_wait: whether a pipe may stand for the source.
    """

    name: str
    files: dict[str, bytes]
    source: str
    read: Callable[[Path], Any]
    packed: str = ""
    is_summed: bool = False
    total: Callable[[dict[str, bytes]], int | None] = _no_total
    may_wait: bool = False


def all_forms(folder: Path) -> dict[str, Form]:
    """Return every form, by name.

    Args:
        folder: an empty one, to write in.
    """
    return {form.name: form for form in [*_texts(), *_tables(folder), *_counts(folder), *_lists()]}


def pack(name: str, parts: dict[str, bytes]) -> bytes:
    """Return the content of a packed file."""
    if name.endswith(".npz"):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in parts.items():
                archive.writestr(member, data)
        return content.getvalue()
    return _COMPRESS[Path(name).suffix](parts[""])


def unpack(name: str, data: bytes) -> dict[str, bytes]:
    """Return the parts of a packed file."""
    if name.endswith(".npz"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {member: archive.read(member) for member in archive.namelist()}
    open_packed: Any = {".gz": gzip, ".bz2": bz2, ".xz": lzma}[Path(name).suffix]
    return {"": open_packed.decompress(data)}


def check_corpus(corpus: Corpus) -> list[Any]:
    """Return what a corpus holds, after making sure that it can be counted on.

    Raises:
        AssertionError: where it cannot.
    """
    counts, words = corpus.counts, list(corpus.vocabulary)
    ids, labels = list(corpus.ids), list(corpus.labels or [])
    assert np.isfinite(counts.data).all(), "counts that are not finite"
    assert (counts.data >= 0).all(), "negative counts"
    assert counts.shape == (len(ids), len(words)), "a shape that is not that of ids and words"
    assert len(set(words)) == len(words), "a word twice"
    assert "" not in words, "an empty word"
    "".join([*words, *ids, *labels]).encode()  # may be written
    assert corpus.n_tokens == sum(map(int, counts.data.tolist())), "another sum of counts"
    return [counts.toarray().tolist() if counts.size < 10**5 else 0, words, ids, labels]


def _read_counts(path: Path) -> list[Any]:
    corpus = read_corpus(path)
    found = check_corpus(corpus)
    if len(corpus) < 1000:
        _check_written(corpus, path.parent / "written", found)
    return found


def _read_texts(path: Path, **options: Any) -> list[Any]:
    documents = list(read_documents(path, **options))
    counter = WordCounter(stop_words=None, min_df=1, max_df=1.0)
    kept: list[Document] = []
    blocks, _ = counter.fit_blocks(texts_of(documents, kept.append))
    from scipy.sparse import vstack

    labels = [document.label or "" for document in kept]
    corpus = Corpus(
        counts=vstack(list(blocks), "csr"),
        vocabulary=list(counter.vocabulary_),
        ids=[document.id for document in kept],
        labels=labels if any(labels) else None,
    )
    found = check_corpus(corpus)
    if len(corpus) < 1000:
        _check_written(corpus, path.parent / "written", found)
    return [*found, [document.text for document in documents]]


def _check_written(corpus: Corpus, folder: Path, found: list[Any]) -> None:
    """Make sure that what was read can be written, and read again."""
    write_corpus(corpus, folder, "topicgen")
    assert check_corpus(read_corpus(folder)) == found, "another corpus, once it was written"


def _sample(n_documents: int = 30) -> list[tuple[str, str, str]]:
    rng = random.Random(7)
    return [
        (f"d{number}", rng.choice(["art", "sport"]), " ".join(rng.choices(_WORDS, k=12)))
        for number in range(n_documents)
    ]


def _texts() -> Iterable[Form]:
    texts = [text for _, _, text in _sample()]
    lines = "".join(f"{text}\n" for text in texts).encode()
    yield Form("text", {"a.txt": lines}, "a.txt", _read_texts, may_wait=True)
    files = {f"a/{label}/{id}.txt": text.encode() for id, label, text in _sample()}
    yield Form("folder", files, "a", _read_texts)
    for suffix, compress in _COMPRESS.items():
        name = f"a.txt{suffix}"
        yield Form(
            suffix, {name: compress(lines)}, name, _read_texts, name, is_summed=True, may_wait=True
        )
    table = "id,year\n" + "".join(f"{number},{1900 + number}\n" for number in range(1, 31))
    yield Form(
        "metadata table",
        {"a.txt": lines, "a.csv": table.encode()},
        "a.txt",
        lambda path: _read_texts(path, metadata=path.with_suffix(".csv")),
        may_wait=True,
    )


def _tables(folder: Path) -> Iterable[Form]:
    import json

    import pyarrow as pa
    import pyarrow.parquet

    rows = [{"id": id, "label": label, "text": text} for id, label, text in _sample()]
    options = {"column": "text", "id_column": "id", "label_column": "label", "keep": "all"}

    def read(path: Path) -> list[Any]:
        return _read_texts(path, **options)

    for name, mark in (("a.csv", ","), ("a.tsv", "\t")):
        lines = [mark.join(row) for row in [("id", "label", "text"), *_sample()]]
        yield Form(name[2:], {name: ("\n".join(lines) + "\n").encode()}, name, read, may_wait=True)
    jsonl = "".join(json.dumps(row) + "\n" for row in rows).encode()
    yield Form("jsonl", {"a.jsonl": jsonl}, "a.jsonl", read, may_wait=True)
    yield Form("json", {"a.json": json.dumps(rows).encode()}, "a.json", read, may_wait=True)
    for name, choices in (
        ("parquet", {}),
        ("parquet plain", {"use_dictionary": False, "compression": "none"}),
        ("parquet zstd", {"compression": "zstd", "data_page_size": 200}),
    ):
        path = folder / "a.parquet"
        pa.parquet.write_table(pa.Table.from_pylist(rows), path, **choices)
        yield Form(name, {"a.parquet": path.read_bytes()}, "a.parquet", read)


def _counts(folder: Path) -> Iterable[Form]:
    rng = np.random.default_rng(7)
    counts = rng.poisson(0.5, size=(20, len(_WORDS)))
    ids = [f"{split}/{n}" for n, split in enumerate(["train"] * 12 + ["test"] * 8, start=1)]
    corpus = Corpus(counts, _WORDS, ids, ["art", "sport"] * 10)
    names = {
        "ldac": "a.ldac", "uci": "docword.a.txt", "mtx": "a.mtx", "svmlight": "a.svmlight",
        "octis": "octis", "topmost": "topmost", "mallet": "a.mallet.txt", "gensim": "a.mm",
        "npz": "a.npz", "h5ad": "a.h5ad",
    }  # fmt: skip
    totals = {"ldac": _ldac, "uci": _uci, "mtx": _mtx, "svmlight": _ldac}
    for form, name in names.items():
        own = folder / form
        own.mkdir()
        write_corpus(corpus, own / name, form)
        files = {
            str(path.relative_to(own)): path.read_bytes()
            for path in sorted(own.rglob("*"))
            if path.is_file()
        }
        packed = next((file for file in files if file.endswith(".npz")), "")
        total = totals.get(form, _no_total)
        yield Form(form, files, name, _read_counts, packed, is_summed=form == "npz", total=total)
    stripped = replace(corpus, labels=None)
    own = folder / "csc"
    own.mkdir()
    write_corpus(stripped, own / "a.h5ad", "h5ad")
    yield Form("h5ad bare", {"a.h5ad": (own / "a.h5ad").read_bytes()}, "a.h5ad", _read_counts)


def _lists() -> Iterable[Form]:
    def read(path: Path) -> list[str]:
        words = read_stop_words(path)
        "".join(words).encode()
        return words

    yield Form("stop words", {"a.txt": "\n".join(_WORDS).encode()}, "a.txt", read)
    snowball = "".join(f"{word} | its use\n" for word in _WORDS).encode()
    yield Form("snowball", {"a.txt": snowball}, "a.txt", read)
    seeds = {"a.json": b'{"economy": ["bank", "rate*"], "sport": ["goal"]}'}
    yield Form("seeds json", seeds, "a.json", lambda path: read_seeds(str(path)))
    lines = {"a.txt": b"economy: bank, rate*\nsport: goal\n"}
    yield Form("seeds lines", lines, "a.txt", lambda path: read_seeds(str(path)))


def _lines(data: bytes) -> list[list[bytes]]:
    return [line.split() for line in data.replace(b"\r", b"\n").split(b"\n") if line.split()]


def _ldac(files: dict[str, bytes]) -> int | None:
    data = next(data for name, data in files.items() if name in ("a.ldac", "a.svmlight"))
    if b"#" in data or b"qid" in data:
        return None
    return sum(_whole(pair.rpartition(b":")[2]) for line in _lines(data) for pair in line[1:])


def _uci(files: dict[str, bytes]) -> int | None:
    return sum(_whole(line[2]) for line in _lines(files["docword.a.txt"])[3:])


def _mtx(files: dict[str, bytes]) -> int | None:
    data = files["a.mtx"].removeprefix(b"\xef\xbb\xbf")
    if not data.startswith(b"%%") or b"symmetric" in data.lower() or b"pattern" in data.lower():
        return None
    lines = [line for line in _lines(data) if not line[0].startswith(b"%")]
    return sum(_whole(line[2]) for line in lines[1:])


def _whole(text: bytes) -> int:
    return int(text) if text.isdigit() else int(float(text))


def quietly(read: Callable[[Path], Any], path: Path) -> Any:
    """Return what a source holds, its warnings aside."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read(path)
