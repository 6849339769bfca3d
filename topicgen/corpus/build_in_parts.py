"""From sources to a corpus folder as tasks, the same bytes as in one process."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from topicgen.cluster.executor import Executor, in_order
from topicgen.corpus.counting.lexicon import merge_terms
from topicgen.corpus.duplicates import Duplicates
from topicgen.corpus.reading.parts import Parts, Shard
from topicgen.corpus.reading.spans import Look, Span, look
from topicgen.corpus.shard_counts import ShardRead, choose_columns, count_shard, read_shard
from topicgen.corpus.storage import CorpusWriter, new_corpus
from topicgen.corpus.word_counter import Totals, WordCounter

# Lexicons merged in one task.
_MERGED_TOGETHER = 8


def build_corpus_in_parts(
    parts: Parts,
    counter: WordCounter,
    folder: str | os.PathLike[str],
    executor: Executor,
    *,
    overwrite: bool = False,
    deduplicate: bool = False,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Count the documents of sources into a corpus folder, as ``build_corpus`` does, in tasks.

    Tasks read and count the parts; their terms are merged, eight parts at a time; the vocabulary is
    chosen; tasks put the counts into its columns. What grows with the documents waits with the
    executor, and this process writes it in order. To drop duplicates, all parts are read once more
    before: which documents are the first of their kind has to be known where they are counted.

    Args:
        parts: of the sources.
        counter: what counts the words, of ``WordCounter.for_shards``.
        folder: the corpus folder to write.
        executor: runs the tasks.
        overwrite: see ``build_corpus``.
        deduplicate: see ``build_corpus``.
        progress: takes the number of bytes read since it was called last.

    Raises:
        InputError: as ``read_documents`` and ``build_corpus``.
    """
    with new_corpus(folder, overwrite=overwrite) as writer:
        duplicates = Duplicates(drop=deduplicate)
        build = _Build(parts, counter, executor, writer, duplicates, progress)
        build.count_all()
        found = build.choose()
        build.write()
        vocabulary = list(counter.vocabulary_)
        writer.finish(vocabulary, counter.to_config(), found | duplicates.found())


class _Build:
    """The steps of a build, and what waits between them: handles, as many as there are shards."""

    def __init__(
        self,
        parts: Parts,
        counter: WordCounter,
        executor: Executor,
        writer: CorpusWriter,
        duplicates: Duplicates,
        progress: Callable[[int], object] | None,
    ) -> None:
        self._parts = parts
        self._counter = counter
        self._executor = executor
        self._writer = writer
        self._duplicates = duplicates
        self._progress = progress
        self._how = (executor.put(parts.task_options), parts.split)
        self._totals = Totals(0, 0, 0)
        self._merging = _Merging(executor)
        self._counted: list[tuple[Any, Any]] = []  # the counts of each shard, and its terms

    def count_all(self) -> None:
        """Read and count all shards, and write the names of their documents."""
        executor, counter = self._executor, self._executor.put(self._counter)

        def count(shard: tuple[Shard, np.ndarray | None]) -> list[Any]:
            one, is_kept = shard
            return executor.submit(count_shard, one, *self._how, counter, is_kept, n_results=4)

        shards = self._first_ones() if self._duplicates.drop else self._all()
        begun = in_order(shards, count, executor.n_ahead)
        for (shard, is_kept), (read, totals, terms, counts) in begun:
            if is_kept is None:
                self._take(shard, executor.result(read))
            sums = zip(self._totals, executor.result(totals), strict=True)
            self._totals = Totals(*map(sum, sums))
            self._merging.add(terms)
            self._counted.append((counts, terms))
        if not self._duplicates.drop:
            self._parts.finish()

    def choose(self) -> dict[str, int]:
        """Choose the vocabulary, and return what was found and left out."""
        terms = self._executor.result(self._merging.all())
        _, found = self._counter.learn(terms, self._totals)
        return found

    def write(self) -> None:
        """Write the counts of the vocabulary's words."""
        executor, columns = self._executor, self._executor.put(self._counter.vocabulary_)

        def choose(counted: tuple[Any, Any]) -> Any:
            return executor.submit(choose_columns, *counted, columns)

        self._counted.reverse()  # so that what has been written is let go
        waiting = (self._counted.pop() for _ in range(len(self._counted)))
        for _, blocks in in_order(waiting, choose, executor.n_ahead):
            for block in executor.result(blocks):
                self._writer.add_counts(block)

    def _all(self) -> Iterator[tuple[Shard, None]]:
        return ((shard, None) for shard in self._parts.shards(self._look_at))

    def _first_ones(self) -> Iterator[tuple[Shard, np.ndarray]]:
        """Yield the shards, each with which of its documents are kept."""
        executor = self._executor

        def read(shard: Shard) -> Any:
            return executor.submit(read_shard, shard, *self._how)

        for shard, handle in in_order(self._parts.shards(self._look_at), read, executor.n_ahead):
            yield shard, self._take(shard, executor.result(handle))
        self._parts.finish()

    def _take(self, shard: Shard, found: ShardRead) -> np.ndarray:
        """Write the names of the documents of a shard, and return which are kept."""
        is_kept = self._duplicates.take(found.hashes)
        documents = self._parts.take(shard, found.reads, found.warned)
        for document, kept in zip(documents, is_kept.tolist(), strict=True):
            if kept:
                self._writer.add_name(document.id, document.label, document.metadata)
        if self._progress is not None:
            self._progress(sum(read.n_bytes for read in found.reads))
        return is_kept

    def _look_at(self, path: str, spans: list[Span]) -> list[Look]:
        handles = [self._executor.submit(look, path, span) for span in spans]
        return [self._executor.result(handle) for handle in handles]


class _Merging:
    """Merges the terms of parts as a tree of tasks, so that no task takes many."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._levels: list[list[Any]] = []

    def add(self, terms: Any) -> None:
        """Add the handle of the terms of a part."""
        for level in self._levels:
            level.append(terms)
            if len(level) < _MERGED_TOGETHER:
                return
            terms = self._merged(level)
            level.clear()
        self._levels.append([terms])

    def all(self) -> Any:
        """Return the handle of the terms of all parts."""
        return self._merged([terms for level in self._levels for terms in level])

    def _merged(self, several: list[Any]) -> Any:
        return self._executor.submit(_merge, *several)


def _merge(*lexicons: Any) -> Any:
    return merge_terms(lexicons)
