"""From a text to its terms, in four steps that a faster counter can also take on its own."""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

from topicgen.corpus.words.excerpts import Alignment, Excerpts, align_folded
from topicgen.corpus.words.options import folding
from topicgen.corpus.words.phrases import Phrase, grouper, joiner
from topicgen.corpus.words.places import Placed, locate, token_places
from topicgen.corpus.words.segmenters import Segmenter
from topicgen.corpus.words.tokenizers import Tokenizer, TokenizerError, is_whole, pattern_tokenizer
from topicgen.corpus.words.whole_words import find_words
from topicgen.corpus.words.written_words import remover
from topicgen.errors import InputError
from topicgen.plain import quoted

# Words recur: most are answered from memory, which this bound keeps to ~100 MB.
_WORDS_IN_MEMORY = 2**19

# Punctuation of "etc." and the like.
_EDGES = ".,;:!?()[]\"' "

_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"[\W_]*\d[\W\d_]*")


def _forms(word: str) -> list[str]:
    """Return a word with the apostrophe of typewriters, of print, and that which is a letter."""
    return [word.replace("'", apostrophe) for apostrophe in "'\u2019\u02bc"]


class Span(NamedTuple):
    """A term where it stands in a text.

    Args:
        start: its first character.
        end: the one after its last.
        term: the term that is counted, which may be written otherwise.
    """

    start: int
    end: int
    term: str


class Analyzer:
    """A function from a text to the list of its terms, which counts the tokens it has seen.

    Args:
        tokenizer: the regular expression of a token, or a function from a text to its tokens. For
            TOKEN_PATTERN and a segmenter, texts and the words listed below are normalised by
            ``whole_folding``.
        clean: what drops parts of a text, before anything else.
        lowercase: whether to lower the case.
        strip_accents: None, "ascii" or "unicode".
        stop_words: tokens to drop. Their case and accents are settled and they are tokenised too,
            so that "The" drops "the", and "don't" drops the token that it leaves, "don". What a
            segmenter would cut by its dictionary is left whole.
        written_stop_words: words and phrases to drop where they stand as they are written, so that
            "royal mail" leaves "mail" elsewhere.
        keep_words: tokens that are neither dropped nor changed; their case and accents are settled.
        numbers: "pattern", as the tokens are; "drop", without those of digits and no letters; or
            "mask", with "#" for each run of digits.
        stem: token to token, its stem or its lemma.
        phrases: the pairs of tokens to join.
        ngram_range: the least and the greatest number of tokens, or phrases, in a term.

    Attributes:
        token_pattern: the regular expression, or None where a function makes the tokens.
        tokenize: text to tokens.
        normalise: token to what becomes of it, or None where it is dropped; its memory holds the
            words it has seen.
        join: tokens to terms, or None where these are the same.
        only_folds: whether ``preprocess`` settles the case and the accents, and no more.
        n_documents: how many texts this has tokenised, int.
        n_tokens: how many tokens this has seen by its call, int.

    Raises:
        InputError: where an option cannot be used, and at a word to keep that ``token_pattern``
            does not match.

    Example:
        >>> analyze = Analyzer(r"[a-z]+", stop_words=["The"], ngram_range=(1, 2))
        >>> analyze("The old bank")
        ['old', 'bank', 'old bank']
        >>> analyze.normalise("the") is None, analyze.n_tokens
        (True, 3)
    """

    def __init__(
        self,
        tokenizer: str | Tokenizer,
        *,
        clean: Excerpts | None = None,
        lowercase: bool = True,
        strip_accents: str | None = None,
        stop_words: Collection[str] = (),
        written_stop_words: Collection[str] = (),
        keep_words: Collection[str] = (),
        numbers: str = "pattern",
        stem: Callable[[str], str] | None = None,
        phrases: Collection[Phrase] = (),
        ngram_range: tuple[int, int] = (1, 1),
    ) -> None:
        self.clean = clean
        self.lowercase = lowercase
        self.strip_accents = strip_accents
        self._fold = folding(lowercase, strip_accents, whole=is_whole(tokenizer))
        self.token_pattern = None if callable(tokenizer) else tokenizer
        self.tokenize = tokenizer if callable(tokenizer) else pattern_tokenizer(tokenizer)
        self.stop_words = frozenset(self._stop_tokens(stop_words))
        written = frozenset(map(self._fold, written_stop_words))
        tokens = {word for word in written if self._is_token(word)}
        self.stop_words |= {
            form for word in tokens for bare in (word, word.strip(_EDGES)) for form in _forms(bare)
        }
        self._remove = remover({word for word in written - tokens if word.strip()})
        self.only_folds = clean is None and self._remove is None
        self.keep_words = frozenset(map(self._fold, keep_words))
        self._check_keep_words()
        self.numbers = numbers
        self.stem = stem
        self.normalise = lru_cache(_WORDS_IN_MEMORY)(self._normalise)
        self.join = joiner(phrases, ngram_range)
        self._groups = grouper(phrases, ngram_range)
        self._places = token_places(tokenizer)
        self.n_documents = self.n_tokens = 0

    def __call__(self, text: str) -> list[str]:
        """Return the terms of a text, in its order, the longer n-grams after the shorter."""
        tokens = self.tokens(text)
        self.n_tokens += len(tokens)
        return self.terms(tokens)

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text.

        Raises:
            TokenizerError: where the user's tokenizer fails; it names the document by its index.
        """
        try:
            tokens = self.tokenize(self.preprocess(text))
        except TokenizerError as error:
            raise error.of_document(self.n_documents) from error.__cause__
        self.n_documents += 1
        return tokens

    def preprocess(self, text: str) -> str:
        """Return a text, cleaned, with its case and accents normalised."""
        folded = self._fold(text if self.clean is None else self.clean(text))
        return folded if self._remove is None else self._remove(folded)

    def terms(self, tokens: list[str]) -> list[str]:
        """Return the terms that the tokens of a text make."""
        kept = [word for word in map(self.normalise, tokens) if word is not None]
        return kept if self.join is None else self.join(kept)

    def spans(self, text: str) -> list[Span]:
        """Return the terms of a text with the places where they stand in it, in their order.

        They are the terms that are counted, except those that a tokenizer of one's own returns and
        that are not found in the text.

        Example:
            >>> Analyzer(r"[a-z]+", stop_words=["the"], ngram_range=(1, 2)).spans("The old  Bank")
            [Span(start=4, end=7, term='old'), Span(start=9, end=13, term='bank'), \
Span(start=4, end=13, term='old bank')]
        """
        kept, places = [], []
        for token, place in self._placed(text):
            word = self.normalise(token)
            if word is not None:
                kept.append(word)
                places.append(place)
        terms = kept if self.join is None else self.join(kept)
        found = []
        for term, (first, stop) in zip(terms, self._groups(kept), strict=True):
            own = [place for place in places[first:stop] if place is not None]
            if len(own) == stop - first:
                found.append(Span(own[0][0], own[-1][1], term))
        return found

    def _placed(self, text: str) -> list[Placed]:
        """Return the tokens of a text with their places in it."""
        cleaned, alignments = (text, []) if self.clean is None else self.clean.aligned(text)
        folded, of_folding = align_folded(cleaned, self._fold)
        after: list[Alignment] = []
        if self._remove is not None:
            folded, after = self._remove.aligned(folded)
        placed = self._places(folded)
        if of_folding is None:
            placed = locate([token for token, _ in placed], cleaned)
        else:
            alignments = [*alignments, of_folding, *after]
        for alignment in reversed(alignments):
            placed = [
                (token, None if place is None else alignment.source(*place))
                for token, place in placed
            ]
        return placed

    def _normalise(self, token: str) -> str | None:
        if token in self.keep_words:
            return token
        if not token or token in self.stop_words:
            return None
        if self.numbers == "drop" and _NUMBER.fullmatch(token):
            return None
        if self.numbers == "mask":
            token = _DIGITS.sub("#", token)
        return token if self.stem is None else self.stem(token)

    def _stop_tokens(self, words: Collection[str]) -> Iterator[str]:
        """Yield stop words, and the tokens that they leave."""
        for word in map(self._fold, words):
            yield from _forms(word)
            if not isinstance(self.tokenize, Segmenter):
                yield from self._tokens_of_word(word)
            elif not self.tokenize.can_cut(word):
                yield from find_words(word)

    def _is_token(self, word: str) -> bool:
        """Return whether a word is a token, punctuation at its edges aside, or leaves no token."""
        return self._tokens_of_word(word) in ([], [word], [word.strip(_EDGES)])

    def _tokens_of_word(self, word: str) -> list[str]:
        try:
            return self.tokenize(word)
        except TokenizerError:  # it may want whole texts; where it fails at these too it is named
            return [word]

    def _check_keep_words(self) -> None:
        # What another tokenizer does with a word may hang on the text around it.
        if self.token_pattern is None:
            return
        for word in sorted(self.keep_words):
            # One with a space or an underscore may be an n-gram or a phrase.
            if word not in self.tokenize(word) and not {" ", "_"} & set(word):
                raise InputError(
                    "expected every word of keep_words to match token_pattern "
                    f"{quoted(self.token_pattern)}, got {quoted(word)}; change the pattern, or "
                    "leave the word out"
                )
