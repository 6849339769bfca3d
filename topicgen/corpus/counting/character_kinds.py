"""What a character is to a token pattern: part of a word, its beginning, a mark, a joiner."""

import re
import unicodedata

import numpy as np

from topicgen.corpus.words.whole_words import JOINERS

# The bits of a kind. Marks and joiners are word characters too, but a run does not begin with a
# mark or a joiner, nor end with a joiner.
WORD, FIRST, MARK, JOINER = 1, 2, 4, 8

_BLOCK = 256


class CharacterKinds:
    r"""The kinds of characters, determined for blocks of 256 characters when one first occurs.

    All of Unicode would take longer than to count some megabytes of text.

    Args:
        first: the class of characters that may begin a word, as ``re`` writes it.
        is_whole: whether marks and joiners are word characters.

    Example:
        >>> kinds = CharacterKinds(first=r"[^\W\d_]", is_whole=True)
        >>> kinds.of(np.array([ord(character) for character in "a1 \u0301\u200d"]))
        array([ 3,  1,  0,  5, 13], dtype=uint8)
    """

    def __init__(self, first: str, *, is_whole: bool) -> None:
        self._first = first
        self._is_whole = is_whole
        self._kinds = np.zeros(0x110000, dtype=np.uint8)  # memory only where it is written to
        self._is_known = np.zeros(len(self._kinds) // _BLOCK, dtype=bool)

    def of(self, codes: np.ndarray) -> np.ndarray:
        """Return the kind of each character.

        Args:
            codes: of the characters, integers of shape (n_characters,).
        """
        occurs = np.zeros_like(self._is_known)
        occurs[codes // _BLOCK] = True
        for block in np.flatnonzero(occurs & ~self._is_known).tolist():
            codes_of_block = range(block * _BLOCK, (block + 1) * _BLOCK)
            self._kinds[codes_of_block.start : codes_of_block.stop] = self._classify(codes_of_block)
            self._is_known[block] = True
        return self._kinds[codes]

    def _classify(self, codes: range) -> np.ndarray:
        """Return the kinds of characters, as Python's regular expressions class them."""
        # A surrogate is no character; with an exclamation mark in its place each has one position.
        text = "".join("!" if 0xD800 <= code < 0xE000 else chr(code) for code in codes)
        kinds = np.zeros(len(text), dtype=np.uint8)
        for bit, of_class in ((WORD, r"\w"), (FIRST, self._first)):
            for run in re.finditer(f"{of_class}+", text):
                kinds[run.start() : run.end()] |= bit
        if self._is_whole:
            for index, character in enumerate(text):
                if character in JOINERS:
                    kinds[index] = WORD | MARK | JOINER
                elif unicodedata.category(character)[0] == "M":
                    kinds[index] = WORD | MARK
        return kinds
