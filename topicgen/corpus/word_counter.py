"""What a vectorizer does, without scikit-learn.

To import scikit-learn takes longer than to count a collection of some megabytes.
"""

import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.advice import warn_of_clauses, warn_of_stop_words
from topicgen.corpus.counting.blocks import count_blocks
from topicgen.corpus.counting.lexicon import (
    Numbering,
    Selection,
    SortedTerms,
    select_terms,
)
from topicgen.corpus.counting.tally import Tally
from topicgen.corpus.counting.thresholds import (
    AUTO_MAX_DF,
    AUTO_MIN_DF,
    at_least,
    at_most,
    check_thresholds,
    resolve,
)
from topicgen.corpus.document import check_documents, split_tokens
from topicgen.corpus.recipe import write_recipe
from topicgen.corpus.wording import quantity
from topicgen.corpus.words import options
from topicgen.corpus.words.analyzer import Analyzer
from topicgen.corpus.words.cleaning import URLS, cleaner
from topicgen.corpus.words.excerpts import Excerpts
from topicgen.corpus.words.lemmas import base_form
from topicgen.corpus.words.phrases import Phrase, read_tokens
from topicgen.corpus.words.stop_words import (
    StopWords,
    earlier_stop_words,
    language_names,
    language_words,
    warn_of_codes,
    word_list,
)
from topicgen.corpus.words.tokenizers import Tokenizer, is_own, is_whole, pattern_or_tokenizer
from topicgen.corpus.words.whole_words import TOKEN_PATTERN
from topicgen.errors import InputError, check_kind
from topicgen.plain import quoted


class Totals(NamedTuple):
    """How many documents there are, how many tokens they hold, and how many terms are left."""

    n_documents: int
    n_tokens: int
    n_terms: int


class WordCounter:
    """Counts the words of documents, a block of documents at a time.

    Its options and attributes are those of ``Vectorizer``, which is this as a scikit-learn
    estimator.

    Example:
        >>> counter = WordCounter()
        >>> blocks, found = counter.fit_blocks(["The bank raised rates.", "Rates rose."])
        >>> counter.vocabulary_
        {'bank': 0, 'raised': 1, 'rates': 2, 'rose': 3}
        >>> [block.toarray().tolist() for block in blocks], found["tokens"]
        ([[[1, 1, 1, 0], [0, 0, 1, 1]]], 6)
    """

    vocabulary_: dict[str, int]

    def __init__(
        self,
        *,
        stop_words: str | Collection[str] | None = "english",
        min_df: int | float | str = "auto",
        max_df: int | float | str = "auto",
        max_features: int | None = 20_000,
        token_pattern: str | None = TOKEN_PATTERN,
        lowercase: bool = True,
        strip_accents: str | None = None,
        ngram_range: Sequence[int] = (1, 1),
        stemmer: str | None = None,
        lemmatizer: str | None = None,
        tokenizer: str | Tokenizer | None = None,
        extra_stop_words: Collection[str] | None = None,
        keep_words: Collection[str] | None = None,
        phrases: bool | int = False,
        numbers: str = "pattern",
        urls: str = "keep",
        drop_headers: bool = False,
        drop_quotes: bool = False,
        drop_footers: bool = False,
    ) -> None:
        super().__init__()  # a Vectorizer has more attributes, those of CountVectorizer
        self.stop_words = stop_words
        self.min_df = min_df
        self.max_df = max_df
        self.max_features = max_features
        self.token_pattern: Any = token_pattern  # checked where it is used
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self.ngram_range = ngram_range
        self.stemmer = stemmer
        self.lemmatizer = lemmatizer
        self.tokenizer = tokenizer
        self.extra_stop_words = extra_stop_words
        self.keep_words = keep_words
        self.phrases = phrases
        self.numbers = numbers
        self.urls = urls
        self.drop_headers = drop_headers
        self.drop_quotes = drop_quotes
        self.drop_footers = drop_footers

    def fit_blocks(
        self,
        raw_documents: Iterable[str | Sequence[str]],
        folder: Path | None = None,
        n_bytes: int | None = None,
    ) -> tuple[Iterator[csr_matrix], dict[str, int]]:
        """Learn the vocabulary, and return the counts a block of documents at a time.

        Args:
            raw_documents: the texts, read one at a time.
            folder: where what grows with the documents is kept, until the blocks have been read;
                None keeps it in memory.
            n_bytes: about how many there are to read, if that is known; it decides how soon other
                processes take part.

        Returns:
            The blocks, each CSR of shape (n_documents of it, n_words), int32, indices sorted; and
            how many tokens and terms were found and left out.

        Raises:
            InputError: at a document that is not a string, at an option that cannot be used, and
                where no word is left.
        """
        sizes = options.ngram_sizes(self.ngram_range)
        least_count = options.least_count(self.phrases)
        ngram_range = (1, 1) if least_count else sizes
        check_kind("folder", folder, (Path, type(None)), "a Path or None")
        if folder is not None and not folder.is_dir():
            raise InputError(f"folder must be one that exists, got {quoted(folder)}")
        check_kind("n_bytes", n_bytes, (int, type(None)), "a whole number or None")
        # The options are checked before the documents are read, which may take long.
        of_languages = language_words(language_names(self.stop_words))
        stop_words = self._stop_words(of_languages)
        analyze = self._analyzer([], ngram_range, stop_words)
        check_thresholds(self.min_df, self.max_df, self.max_features)
        warn_of_codes(self.stop_words)
        documents: Iterable[str]
        documents, are_token_lists = check_documents(raw_documents)
        if are_token_lists:
            analyze = self._analyzer([], ngram_range, stop_words, are_token_lists=True)
        keep_words = analyze.keep_words
        phrases: list[Phrase] = []
        n_tokens = None
        if least_count:
            path = None if folder is None else folder / "tokens"
            documents, phrases = read_tokens(documents, analyze, least_count, path)
            n_tokens = analyze.n_tokens
            analyze = Analyzer(split_tokens, lowercase=False, phrases=phrases, ngram_range=sizes)
        tally = Tally(analyze, folder)
        tally.read(documents, n_bytes)
        n_tokens = tally.n_tokens if n_tokens is None else n_tokens
        totals = Totals(tally.n_documents, n_tokens, tally.n_terms)
        selection, found = self._learn(tally.lexicons, totals, keep_words, are_token_lists)
        self.phrases_ = phrases
        self.language_words_ = of_languages
        return tally.counts(selection), found

    def for_shards(self) -> "WordCounter":
        """Return a copy that counts parts of a collection: its options checked, its stop words set.

        Raises:
            InputError: at an option that cannot be used, and where phrases are to be found, which
                takes the whole collection.
        """
        options.ngram_sizes(self.ngram_range)
        if options.least_count(self.phrases):
            raise InputError(
                "phrases are learned from the whole collection on one machine, not from parts of "
                "it; build the corpus without --engine ray, or leave --phrases out"
            )
        counter = copy.copy(self)
        counter.phrases_ = []
        # Looked up once, so that it does not matter which version another machine has installed.
        counter.language_words_ = language_words(language_names(self.stop_words))
        counter.build_analyzer()
        check_thresholds(self.min_df, self.max_df, self.max_features)
        warn_of_codes(self.stop_words)
        return counter

    def tally(self, documents: Iterable[str]) -> Tally:
        """Count all terms of a part of a collection, in this process and in memory.

        Raises:
            InputError: at a document that is not a string.
        """
        tally = Tally(self.build_analyzer(), n_workers=1)
        texts, are_token_lists = check_documents(documents)
        if are_token_lists:
            raise InputError("expected documents of type str, got lists of tokens; join them first")
        tally.read(texts)
        return tally

    def learn(self, terms: SortedTerms, totals: Totals) -> tuple[Selection, dict[str, int]]:
        """Learn the vocabulary from the terms of all parts that ``tally`` has counted.

        Args:
            terms: of all parts, merged.
            totals: sums over the parts.

        Returns:
            The terms that were chosen; and how many tokens and terms were found and left out.

        Raises:
            InputError: where no word is left, or an argument is of another kind.
        """
        check_kind("terms", terms, SortedTerms, "SortedTerms, as merge_terms returns")
        check_kind("totals", totals, Totals, "Totals")
        return self._learn([terms], totals, self.build_analyzer().keep_words)

    def transform_blocks(
        self,
        raw_documents: Iterable[str | Sequence[str]],
        found: dict[str, int],
        lengths: list[np.ndarray] | None = None,
    ) -> Iterator[csr_matrix]:
        """Yield the counts of the vocabulary's words, a block of documents at a time.

        Args:
            raw_documents: the texts, read one at a time.
            found: to its "tokens" and "terms" the block's are added: all tokens, and those left
                when stop words are dropped, known or not.
            lengths: to these the block's are added: the terms of each document, known or not.
        """
        check_kind("found", found, dict, "a dict")
        if not found.keys() >= {"tokens", "terms"} and not isinstance(found, Counter):
            raise InputError(f"found must have the keys 'tokens' and 'terms', got {quoted(found)}")
        check_kind("lengths", lengths, (list, type(None)), "a list or None")
        documents, are_token_lists = check_documents(raw_documents)
        sizes = options.ngram_sizes(self.ngram_range)
        phrases = getattr(self, "phrases_", [])
        stop_words = self._stop_words_in_use()
        analyze = self._analyzer(phrases, sizes, stop_words, are_token_lists=are_token_lists)
        numbering = Numbering(self.vocabulary_, analyze.normalise)
        for block in count_blocks(documents, analyze, numbering):
            found["tokens"] += block.n_tokens
            found["terms"] += block.n_terms
            if lengths is not None:
                lengths.append(block.lengths)
            block.counts.sort_indices()
            yield block.counts

    def build_analyzer(self) -> Analyzer:
        """Return the function from a text to its terms, with the phrases that have been learned."""
        phrases, sizes = getattr(self, "phrases_", []), options.ngram_sizes(self.ngram_range)
        return self._analyzer(phrases, sizes, self._stop_words_in_use())

    def build_span_finder(self) -> Callable[[str | Sequence[str]], list[tuple[int, int, int]]]:
        """Return the function that finds the words of the vocabulary where they stand in a text.

        For each of them, in the order in which they are counted, it returns the start and the end
        in the text, and the column: a list of tuples of three int. A list of tokens stands for
        these with a space between two of them. Of a tokenizer of your own, the tokens that are not
        found in the text are left out.

        Raises:
            InputError: by the function returned, at what is neither a text nor a list of tokens.

        Example:
            >>> counter = WordCounter()
            >>> _ = counter.fit_blocks(["The bank raised rates.", "Rates rose."])
            >>> counter.build_span_finder()("Rates of the BANK")
            [(0, 5, 2), (13, 17, 0)]
        """
        analyzers: dict[bool, Analyzer] = {}
        phrases, sizes = getattr(self, "phrases_", []), options.ngram_sizes(self.ngram_range)
        column = self.vocabulary_

        def find(document: str | Sequence[str]) -> list[tuple[int, int, int]]:
            [text], are_tokens = check_documents([document])
            if are_tokens not in analyzers:
                analyzers[are_tokens] = self._analyzer(
                    phrases, sizes, self._stop_words_in_use(), are_token_lists=are_tokens
                )
            spans = analyzers[are_tokens].spans(text)
            return [(start, end, column[term]) for start, end, term in spans if term in column]

        return find

    def build_part_finder(self) -> Callable[[str], list[tuple[int, int]]]:
        r"""Return the function that finds the parts of a text without headers, quotes and footers.

        It returns the start and the end of each part that the options do not drop.

        Example:
            >>> WordCounter(drop_quotes=True).build_part_finder()("> Rates rose.\nNo.")
            [(14, 17)]
        """
        clean = cleaner(
            headers=options.flag("drop_headers", self.drop_headers),
            quotes=options.flag("drop_quotes", self.drop_quotes),
            footers=options.flag("drop_footers", self.drop_footers),
        )
        return Excerpts([]).kept if clean is None else clean.kept

    def get_stop_words(self) -> list[str]:
        """Return the stop words as a list, empty where there are none."""
        stop_words = self._stop_words_in_use()
        return [*stop_words.everywhere, *stop_words.as_written]

    def to_config(self) -> dict[str, Any]:
        """Return the recipe, ready for JSON.

        Raises:
            InputError: where the tokenizer is a function that has no name to be imported by.
        """
        return write_recipe(self)

    def _analyzer(
        self,
        phrases: list[Phrase],
        ngram_range: tuple[int, int],
        stop_words: StopWords,
        *,
        are_token_lists: bool = False,
    ) -> Analyzer:
        check_kind("lowercase", self.lowercase, (int, np.bool_), "True or False")
        tokenizer = pattern_or_tokenizer(self.token_pattern, self.tokenizer)
        clean = cleaner(
            urls=options.choice("urls", self.urls, URLS),
            headers=options.flag("drop_headers", self.drop_headers),
            quotes=options.flag("drop_quotes", self.drop_quotes),
            footers=options.flag("drop_footers", self.drop_footers),
        )
        return Analyzer(
            split_tokens if are_token_lists else tokenizer,
            clean=None if are_token_lists else clean,
            lowercase=self.lowercase and not are_token_lists,
            strip_accents=None if are_token_lists else self.strip_accents,
            stop_words=stop_words.everywhere,
            written_stop_words=stop_words.as_written,
            keep_words=word_list("keep_words", self.keep_words),
            numbers=options.choice("numbers", self.numbers, options.NUMBERS),
            stem=base_form(
                self.stemmer,
                self.lemmatizer,
                options.folding(self.lowercase, self.strip_accents, whole=is_whole(tokenizer)),
            ),
            phrases=phrases,
            ngram_range=ngram_range,
        )

    def _stop_words_in_use(self) -> StopWords:
        """Return the stop words, those of languages as they were when this was fitted."""
        if hasattr(self, "language_words_"):
            return self._stop_words(self.language_words_)
        return self._stop_words(language_words(language_names(self.stop_words)))

    def _stop_words(self, of_languages: list[str] | None) -> StopWords:
        """Return the stop words.

        Args:
            of_languages: those of the languages; None where an earlier version was fitted.
        """
        extra = word_list("extra_stop_words", self.extra_stop_words)
        if of_languages is None:
            return StopWords([*earlier_stop_words(self.stop_words), *extra], [])
        if not language_names(self.stop_words):
            others = 'a language such as "english", '
            extra = [*word_list("stop_words", self.stop_words, others), *extra]
        return StopWords.of(of_languages, extra)

    def _learn(
        self,
        lexicons: list[SortedTerms],
        totals: Totals,
        keep_words: frozenset[str],
        are_token_lists: bool = False,
    ) -> tuple[Selection, dict[str, int]]:
        """Choose the vocabulary, and say what does not suit the language of the documents."""
        if not are_token_lists and not is_own(self.tokenizer):
            warn_of_clauses(lexicons)
        warn_of_stop_words(lexicons, language_names(self.stop_words))
        selection = self._select(lexicons, totals, keep_words)
        self.vocabulary_ = {word: column for column, word in enumerate(selection.vocabulary)}
        found = {
            "tokens": totals.n_tokens,
            "terms": totals.n_terms,
            "distinct_terms": selection.n_terms,
            "in_too_few_documents": selection.n_rare,
            "in_too_many_documents": selection.n_common,
        }
        return selection, found

    def _select(
        self, lexicons: list[SortedTerms], totals: Totals, keep_words: frozenset[str]
    ) -> Selection:
        """Resolve the thresholds and choose the terms within them and the protected ones."""
        n_documents = totals.n_documents
        found = f"{quantity(n_documents, 'document')} with {quantity(totals.n_tokens, 'token')}"
        if not any(len(lexicon.terms) for lexicon in lexicons):
            raise InputError(
                f"expected documents with words other than stop words, got none in {found}; add "
                "documents, or change stop_words or token_pattern"
            )
        self.min_df_ = resolve(self.min_df, AUTO_MIN_DF, n_documents)
        self.max_df_ = resolve(self.max_df, AUTO_MAX_DF, n_documents)
        low = at_least(self.min_df_, n_documents)
        high = at_most(self.max_df_, n_documents)
        selection = select_terms(lexicons, low, high, self.max_features, keep_words)
        if not selection.vocabulary:
            raise InputError(
                f"expected words that occur in {low:,} to {high:,} documents (min_df="
                f"{self.min_df_}, max_df={self.max_df_}), got none in {found}; lower min_df or "
                "raise max_df"
            )
        return selection
