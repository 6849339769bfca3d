"""The vectorizer: raw texts to counts, under scikit-learn's names."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils.validation import check_is_fitted

from topicgen.corpus import options
from topicgen.corpus.analyzer import Analyzer, load_stemmer
from topicgen.corpus.counting import count_terms, keep_terms
from topicgen.corpus.document import check_documents
from topicgen.corpus.thresholds import (
    AUTO_MAX_DF,
    AUTO_MIN_DF,
    as_documents,
    check_thresholds,
    resolve,
)
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError

# A letter, then one or more letters, digits or underscores: no numbers, no single letters.
TOKEN_PATTERN = r"(?u)\b[^\W\d_]\w+\b"


class Vectorizer(CountVectorizer):
    """Count the words of documents.

    A ``CountVectorizer`` with defaults for topic models, a stemmer, and a recipe in JSON.

    Args:
        stop_words: "english", a collection of words, or None. They are preprocessed and tokenised
            as the documents are.
        min_df: drop the words in fewer documents than this number (int) or proportion (float);
            "auto" is 5 from 1,000 documents on, 2 from 100 on, else 1.
        max_df: drop the words in more documents than this number (int) or proportion (float);
            "auto" is 0.5 from 100 documents on, else 1.0.
        max_features: keep this many words, the most frequent; None keeps all.
        token_pattern: the regular expression of a token; by default a word of two or more
            characters, the first a letter.
        lowercase: whether to lower the case first.
        strip_accents: None, "ascii" or "unicode".
        ngram_range: the least and the greatest number of tokens that make a word of the
            vocabulary.
        stemmer: None, or a language of nltk's Snowball stemmers, applied after the stop words.

    Attributes:
        vocabulary_: dict, the column of each word; the columns are in alphabetical order.
        min_df_: the ``min_df`` used, int or float.
        max_df_: the ``max_df`` used, int or float.

    Example:
        >>> vectorizer = Vectorizer()
        >>> vectorizer.fit_transform(["The bank raised rates.", "Rates rose."]).toarray()
        array([[1, 1, 1, 0],
               [0, 0, 1, 1]])
        >>> vectorizer.get_feature_names_out().tolist()
        ['bank', 'raised', 'rates', 'rose']
    """

    def __init__(
        self,
        *,
        stop_words: str | Collection[str] | None = "english",
        min_df: int | float | str = "auto",
        max_df: int | float | str = "auto",
        max_features: int | None = 20_000,
        token_pattern: str = TOKEN_PATTERN,
        lowercase: bool = True,
        strip_accents: str | None = None,
        ngram_range: Sequence[int] = (1, 1),
        stemmer: str | None = None,
    ) -> None:
        super().__init__(
            stop_words=stop_words,
            min_df=min_df,
            max_df=max_df,
            max_features=max_features,
            token_pattern=token_pattern,
            lowercase=lowercase,
            strip_accents=strip_accents,
            ngram_range=ngram_range,
        )
        self.stemmer = stemmer

    def fit_transform(self, raw_documents: Iterable[str], y: object = None) -> csr_matrix:
        """Learn the vocabulary and return the counts.

        Args:
            raw_documents: the texts; a generator is read one document at a time.
            y: ignored.

        Returns:
            Counts, CSR of shape (n_documents, n_words), int64, indices sorted.

        Raises:
            InputError: at a document that is not a string, at an option that cannot be used, and
                where no word is left.
        """
        analyze = self.build_analyzer()
        # Before the documents are read, which may take long.
        check_thresholds(self.min_df, self.max_df, self.max_features)
        columns: defaultdict[str, int] = defaultdict()
        columns.default_factory = columns.__len__
        counts = count_terms(check_documents(raw_documents), analyze, columns, grow=True)
        found = (
            f"{quantity(counts.shape[0], 'document')} with {quantity(analyze.n_tokens, 'token')}"
        )
        if not columns:
            raise InputError(
                f"expected documents with words other than stop words, got {found}, of which none "
                "is left; add documents, or change stop_words or token_pattern"
            )
        words = np.array(sorted(columns), dtype=object)
        counts = counts[:, [columns[word] for word in words]]
        kept = self._keep(counts, found)
        self.vocabulary_ = {word: column for column, word in enumerate(words[kept])}
        counts = counts[:, kept]
        counts.sort_indices()
        return counts

    def transform(self, raw_documents: Iterable[str]) -> csr_matrix:
        """Return the counts of the vocabulary's words; other words are not counted.

        Args:
            raw_documents: the texts; a generator is read one document at a time.

        Returns:
            Counts, CSR of shape (n_documents, n_words), int64, indices sorted.

        Raises:
            InputError: at a document that is not a string.
            sklearn.exceptions.NotFittedError: where no vocabulary has been learnt.
        """
        check_is_fitted(self, "vocabulary_")
        return count_terms(check_documents(raw_documents), self.build_analyzer(), self.vocabulary_)

    def build_analyzer(self) -> Analyzer:
        """Return the function from a text to its terms."""
        return Analyzer(
            self.build_preprocessor(),
            self.build_tokenizer(),
            self.get_stop_words(),
            stem=None if self.stemmer is None else load_stemmer(self.stemmer),
            ngram_range=options.ngram_sizes(self.ngram_range),
        )

    def build_preprocessor(self) -> Callable[[str], str]:
        """Return the function that normalises a text before it is cut into tokens."""
        options.check_accents(self.strip_accents)
        return super().build_preprocessor()

    def build_tokenizer(self) -> Callable[[str], list[str]]:
        """Return the function that cuts a text into tokens."""
        return options.tokenizer(self.token_pattern)

    def get_stop_words(self) -> list[str]:
        """Return the stop words as a list, empty where there are none."""
        return options.stop_word_list(self.stop_words)

    def to_config(self) -> dict[str, Any]:
        """Return the recipe, ready for JSON: with the vocabulary, all that ``from_config`` needs.

        Raises:
            sklearn.exceptions.NotFittedError: where no vocabulary has been learnt.
        """
        check_is_fitted(self, "vocabulary_")
        config = {**self.get_params(), "min_df_": self.min_df_, "max_df_": self.max_df_}
        config["ngram_range"] = list(self.ngram_range)
        if not isinstance(self.stop_words, (str, type(None))):
            config["stop_words"] = self.get_stop_words()
        return {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in config.items()
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], vocabulary: Sequence[str]) -> "Vectorizer":
        """Return the fitted vectorizer that a recipe and a vocabulary describe.

        Args:
            config: what ``to_config`` returned.
            vocabulary: the word of each column.

        Raises:
            InputError: where the recipe has an option that is not known here.

        Example:
            >>> fitted = Vectorizer(stemmer="english").fit(["Banks raised rates."])
            >>> words = fitted.get_feature_names_out().tolist()
            >>> Vectorizer.from_config(fitted.to_config(), words).transform(["rate"]).toarray()
            array([[0, 0, 1]])
        """
        recipe = dict(config)
        min_df, max_df = recipe.pop("min_df_", None), recipe.pop("max_df_", None)
        if unknown := sorted(recipe.keys() - cls().get_params().keys()):
            raise InputError(
                f"expected options of this version's Vectorizer, got {', '.join(unknown)} in its "
                "recipe; load it with the version that wrote it"
            )
        if "ngram_range" in recipe:
            recipe["ngram_range"] = tuple(recipe["ngram_range"])
        vectorizer = cls(**recipe)
        vectorizer.vocabulary_ = {word: column for column, word in enumerate(vocabulary)}
        vectorizer.min_df_, vectorizer.max_df_ = min_df, max_df
        return vectorizer

    def _keep(self, counts: csr_matrix, found: str) -> np.ndarray:
        """Resolve the thresholds and return the columns of the words within them."""
        n_documents = counts.shape[0]
        self.min_df_ = resolve(self.min_df, AUTO_MIN_DF, n_documents)
        self.max_df_ = resolve(self.max_df, AUTO_MAX_DF, n_documents)
        low = as_documents(self.min_df_, n_documents)
        high = as_documents(self.max_df_, n_documents)
        kept = keep_terms(counts, low, high, self.max_features)
        if len(kept) == 0:
            raise InputError(
                f"expected words that stand in {low:,.10g} to {high:,.10g} documents (min_df="
                f"{self.min_df_}, max_df={self.max_df_}), got none in {found}; lower min_df or "
                "raise max_df"
            )
        return kept
