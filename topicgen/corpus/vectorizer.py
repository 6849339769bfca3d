"""The vectorizer: raw texts to counts, under scikit-learn's names."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils.validation import check_is_fitted

from topicgen.corpus.counts import stack
from topicgen.corpus.recipe import read_recipe
from topicgen.corpus.word_counter import WordCounter
from topicgen.corpus.words.tokenizers import Tokenizer
from topicgen.vocabulary import as_words


class Vectorizer(WordCounter, CountVectorizer):
    """Count the words of documents.

    A ``CountVectorizer`` with defaults for topic models, more that can be done to the words, and a
    recipe in JSON. A document is a text or a list of tokens, which are taken as they are: neither
    cleaned nor lowered nor cut, but stop words are dropped, and the rest is stemmed, pruned and
    joined as the options say.

    Args:
        stop_words: languages, words or None. A string names a language, or several with commas
            between them, as "english,german" or "en,de": "english" is scikit-learn's list with
            contractions, the others are those of the package stopwordsiso. A collection holds
            words, unless every entry is the English name of a language, as ["english", "german"].
            The words of languages are tokenised as the documents are, so that "don't" drops "don";
            your own are dropped as they are written, so that "royal mail" leaves "mail" elsewhere.
        min_df: drop the words in fewer documents than this number (int) or proportion (float);
            "auto" is 5 from 1,000 documents on, 2 from 100 on, else 1.
        max_df: drop the words in more documents than this number (int) or proportion (float);
            "auto" is 0.5 from 100 documents on, else 1.0.
        max_features: keep this many words, the most frequent; None keeps all.
        token_pattern: the regular expression of a token, which ``re`` applies to the text as it
            is. The default is not a pattern of ``re``: it finds words of two or more characters
            that start with a letter and are whole in every script. Combining marks (such as vowel
            signs) belong to their word, and so do zero width joiners and non-joiners between
            letters; soft hyphens are removed, letters are composed (NFC), and "İ" is lowered to
            "i".
        lowercase: whether to lower the case first.
        strip_accents: None, "ascii" or "unicode".
        ngram_range: the least and the greatest number of tokens that make a word of the
            vocabulary.
        stemmer: None, or a language of nltk's Snowball stemmers, applied after the stop words.
        lemmatizer: None, or a language of the package simplemma, as "de", in place of a stemmer.
        tokenizer: in place of the token pattern: "jieba" (Chinese), "janome" (Japanese),
            "pythainlp" (Thai), "khmercut" (Khmer) or "laonlp" (Lao), whose words are as those of
            the default pattern, but may be a single ideograph; "nltk:toktok", "nltk:treebank",
            "nltk:tweet", "nltk:word" or "nltk:wordpunct", punctuation left out;
            "module:function", which is imported when used; or a function from a text to its
            tokens.
        extra_stop_words: words and phrases to drop besides ``stop_words``, as they are written.
        keep_words: words that are dropped for no reason, ``max_features`` included, and neither
            stemmed nor lemmatised.
        phrases: whether to join two words that occur together more often than by chance, as
            "new_york"; or how often such a pair must occur (True is 10).
        numbers: "pattern", as the tokens are; "drop", without those of digits and no letters; or
            "mask", with "#" for each run of digits.
        urls: "keep" them as text, "drop" them, or "mask" each as the word "url".
        drop_headers: whether to drop the headers of an e-mail or a Usenet post.
        drop_quotes: whether to drop the lines that it quotes, and those that say who is quoted.
        drop_footers: whether to drop its signature, from the last line of two dashes on.

    Attributes:
        vocabulary_: dict, the column of each word; the columns are in alphabetical order.
        min_df_: the ``min_df`` used, int or float.
        max_df_: the ``max_df`` used, int or float.
        phrases_: the pairs of words that are joined, a list of tuples.
        language_words_: the stop words of the languages that ``stop_words`` named, a list; None
            where a recipe of an earlier version does not hold them.

    Example:
        >>> vectorizer = Vectorizer()
        >>> vectorizer.fit_transform(["The bank raised rates.", "Rates rose."]).toarray()
        array([[1, 1, 1, 0],
               [0, 0, 1, 1]])
        >>> vectorizer.get_feature_names_out().tolist()
        ['bank', 'raised', 'rates', 'rose']
    """

    def fit_transform(
        self, raw_documents: Iterable[str | Sequence[str]], y: object = None
    ) -> csr_matrix:
        """Learn the vocabulary and return the counts.

        Args:
            raw_documents: the texts, or lists of tokens; a generator is read one document at a
                time. Where phrases are looked for, the tokens of all documents are held in memory.
            y: ignored.

        Returns:
            Counts, CSR of shape (n_documents, n_words), int64, indices sorted.

        Raises:
            InputError: at a document that is not a string, at an option that cannot be used, and
                where no word is left.
        """
        blocks, _ = self.fit_blocks(raw_documents)
        return stack(blocks, len(self.vocabulary_))

    def transform(self, raw_documents: Iterable[str | Sequence[str]]) -> csr_matrix:
        """Return the counts of the words of the vocabulary; other words are not counted.

        Args:
            raw_documents: the texts; a generator is read one document at a time.

        Returns:
            Counts, CSR of shape (n_documents, n_words), int64, indices sorted.

        Raises:
            InputError: at a document that is not a string.
            sklearn.exceptions.NotFittedError: where no vocabulary has been learned.
        """
        check_is_fitted(self, "vocabulary_")
        blocks = self.transform_blocks(raw_documents, {"tokens": 0, "terms": 0})
        return stack(blocks, len(self.vocabulary_))

    def spans(self, document: str | Sequence[str]) -> list[tuple[int, int, int]]:
        """Return where the words of the vocabulary stand in a text: start, end and column of each.

        The columns, counted, are the counts of the text; see ``build_span_finder``, which is faster
        for several texts.

        Raises:
            InputError: where it is neither a text nor a list of tokens.
            sklearn.exceptions.NotFittedError: where no vocabulary has been learned.

        Example:
            >>> vectorizer = Vectorizer(stemmer="english").fit(["Banks raised rates."])
            >>> vectorizer.spans("The rate of a bank")
            [(4, 8, 2), (14, 18, 0)]
        """
        check_is_fitted(self, "vocabulary_")
        return self.build_span_finder()(document)

    def build_preprocessor(self) -> Callable[[str], str]:
        """Return the function that normalises a text before it is tokenised."""
        return self.build_analyzer().preprocess

    def build_tokenizer(self) -> Tokenizer:
        """Return the function that cuts a text into tokens."""
        return self.build_analyzer().tokenize

    def to_config(self) -> dict[str, Any]:
        """Return the recipe, ready for JSON; ``from_config`` needs it and the vocabulary.

        Raises:
            InputError: where the tokenizer is a function that has no name to be imported by.
            sklearn.exceptions.NotFittedError: where no vocabulary has been learned.
        """
        check_is_fitted(self, "vocabulary_")
        return super().to_config()

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        vocabulary: Sequence[str] | Mapping[str, int],
        *,
        trust_recipe: bool = False,
    ) -> "Vectorizer":
        """Return the fitted vectorizer that a recipe and a vocabulary describe.

        Args:
            config: what ``to_config`` returned.
            vocabulary: the word of each column, in any form that ``as_words`` reads.
            trust_recipe: whether the code of a tokenizer that the recipe names, module:function,
                may run, and a token pattern be used that may take forever. Those that come with
                topicgen need no trust. Consent only where you know who wrote the recipe.

        Raises:
            InputError: where the recipe has an option that is not known here or of another kind, a
                word comes twice, or the words have no order; when texts are counted, where they
                need code that is not trusted.

        Example:
            >>> fitted = Vectorizer(stemmer="english").fit(["Banks raised rates."])
            >>> words = fitted.get_feature_names_out().tolist()
            >>> Vectorizer.from_config(fitted.to_config(), words).transform(["rate"]).toarray()
            array([[0, 0, 1]])
        """
        parameters, learned = read_recipe(
            config, known=cls().get_params(), trust_recipe=trust_recipe
        )
        vectorizer = cls(**parameters)
        vectorizer.vocabulary_ = {word: column for column, word in enumerate(as_words(vocabulary))}
        for name, value in learned.items():
            setattr(vectorizer, name, value)
        return vectorizer
