"""What a fit has learnt: one value, from which all results of a fitted model are computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.corpus.wording import quantity
from topicgen.html import facts, fragment
from topicgen.lazy import OnFirstUse
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.edits import Edit
from topicgen.topic_model.occurrence import Occurrence
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.word_measures import leading_words

if TYPE_CHECKING:
    import torch

    from topicgen.corpus import Vectorizer
    from topicgen.effects import Imputed
    from topicgen.effects.content import Content
    from topicgen.models import Hierarchy, LatentCountModel, MakesEncoder
    from topicgen.topic_model.embeddings import Embedding
    from topicgen.topic_model.kept import KeptDocuments
    from topicgen.topic_model.prevalence import Prevalence

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Structure:
    """The parts of a model that its weights belong to, as ``TopicModel`` names them.

    Args:
        latent: the family of the prior, or "given" for a distribution passed by the user.
        likelihood: the distribution of the words.
        inference: "explicit" or "implicit".
        n_layers: the number of layers above the topics.
        encoder: the name of the encoder, or a function that makes it.
        encoder_input: what it reads of documents: "words", "words_and_embeddings" or "embeddings".
    """

    latent: str
    likelihood: str
    inference: str
    n_layers: int = 0
    encoder: "str | MakesEncoder" = "unfolded"
    encoder_input: str = "words"


@dataclass(frozen=True, eq=False)
class Evidence:
    """Statistics of all documents seen so far, to which a later ``partial_fit`` adds.

    Args:
        n_documents: the number of documents with words.
        n_tokens: the number of their tokens.
        masses: the mean posterior mass of each topic's counts, shape (n_topics, n_atoms).
        topic_share: each topic's share of the tokens, shape (n_topics,).
        occurrence: in how many documents topics occur, and how much of them they fill.
    """

    n_documents: int
    n_tokens: float
    masses: np.ndarray
    topic_share: np.ndarray
    occurrence: Occurrence

    def __repr__(self) -> str:
        return f"Evidence({self.n_documents:,} documents, {self.n_tokens:,.0f} tokens)"


@dataclass(frozen=True)
class Origin:
    """Where a model comes from, for those who read its folder.

    Args:
        topicgen: the version of the package.
        date: when the model was fitted, in ISO 8601 with the time zone.
        input: "texts", "token lists", "corpus" or "counts".
        source: where a corpus says that its documents come from, such as a file name.
        n_documents: the number of documents, including those without words.
        n_words: the number of words in the vocabulary.
        n_tokens: the sum of all counts.
        n_terms: the number of terms in texts, those outside the vocabulary included; None where it
            is not known.
    """

    topicgen: str
    date: str
    input: str
    source: str | None
    n_documents: int
    n_words: int
    n_tokens: float
    n_terms: int | None = None

    @property
    def known_share(self) -> float | None:
        """The share of the texts' terms that is in the vocabulary, or None."""
        return self.n_tokens / self.n_terms if self.n_terms else None


@dataclass(frozen=True, eq=False)
class Fitted:
    """The result of ``fit``, ``partial_fit`` or of loading a model folder; it never changes.

    The arrays are numpy arrays, so that a model can be read and shown without torch, which is
    imported when ``hierarchy`` is first used.

    Args:
        structure: the parts that the weights belong to.
        weights: the ``state_dict`` of the hierarchy, as it was trained: single precision for the
            topics, double for the layers above them.
        vocabulary: the word of each column, or None where the counts came without words.
        recipe: how texts become counts: the fitted vectorizer or, for a model loaded from a folder,
            its recipe, in which what is not trusted is ``Foreign``; None where the model was
            fitted to counts.
        has_feature_names: whether the vocabulary is the column names of a data frame.
        evidence: statistics of all documents seen so far.
        history: one dict per epoch.
        diagnostics: how the training went.
        validation_indices: the rows held out from training.
        seed: the seed of all random numbers of the fit.
        n_updates: the number of ``partial_fit`` calls since.
        optimizer: the state of the trainer, from which training can continue.
        origin: where the model comes from.
        prevalence: how metadata become covariates, or None where the fit had none.
        embedding: how the embeddings of documents are standardised, likewise.
        imputed: what is kept for the analysis of effects, likewise.
        content: how the words of topics differ between groups of documents, or None.
        seeds: the names and seed words of the first topics, or None where the fit had none.
        names: the name that each topic was given, by its seeds or afterwards, or None; an empty
            tuple where no topic has one.
        frozen: the topics that further training leaves as they are, in ascending order.
        kept: documents for later edits of the topics, or None.
        edits: the edits of the topics since the fit, the first one first.
        before: what there was before the last edit, for ``undo``; None without one.
    """

    structure: Structure
    weights: Weights
    vocabulary: list[str] | None
    recipe: "Vectorizer | Mapping[str, Any] | None"
    has_feature_names: bool
    evidence: Evidence
    history: tuple[dict[str, float], ...]
    diagnostics: Diagnostics
    validation_indices: np.ndarray
    seed: int
    n_updates: int
    optimizer: Weights
    origin: Origin
    prevalence: "Prevalence | None" = None
    embedding: "Embedding | None" = None
    imputed: "Imputed | None" = None
    content: "Content | None" = None
    seeds: SeedWords | None = None
    names: tuple[str | None, ...] = ()
    frozen: tuple[int, ...] = ()
    kept: OnFirstUse["KeptDocuments | None"] = OnFirstUse()
    edits: tuple[Edit, ...] = ()
    before: "Fitted | None" = None

    def __repr__(self) -> str:
        return f"Fitted({', '.join(self.facts())})"

    def _repr_html_(self) -> str:
        return fragment(facts("Fitted", self.facts()))

    def facts(self) -> list[str]:
        """Return what the model is in numbers."""
        numbers = {
            "topic": self.n_topics,
            "document": self.evidence.n_documents,
            "word": self.n_words,
            "token": round(self.evidence.n_tokens),
            "epoch": len(self.history),
        }
        found = [quantity(number, noun) for noun, number in numbers.items()]
        if self.perplexity is None:
            return found
        return [*found, f"perplexity {self.perplexity:,.0f} on held-out documents"]

    @property
    def perplexity(self) -> float | None:
        """The lowest perplexity of an epoch, on held-out documents; None without any."""
        values = [float(epoch.get("perplexity", np.nan)) for epoch in self.history]
        known = [value for value in values if np.isfinite(value)]
        return min(known) if known else None

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields alone: what they give may be on a device that others lack."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def n_topics(self) -> int:
        """The number of topics."""
        return int(self.weights["topic_logits"].shape[0])

    @property
    def n_words(self) -> int:
        """The number of words in the vocabulary."""
        return int(self.weights["topic_logits"].shape[1])

    @cached_property
    def components(self) -> np.ndarray:
        r"""The topics, :math:`\beta`: shape (n_topics, n_words), rows sum to 1."""
        weights = {name: self.weights[name] for name in ("topic_logits", "free", "log_frequency")}
        logits, free, log_frequency = (value.astype(np.float64) for value in weights.values())
        logits = logits * free + log_frequency
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits

    @cached_property
    def word_frequency(self) -> np.ndarray:
        """The share of each word in the tokens that the model was first fitted to."""
        frequency = np.exp(self.weights["log_frequency"].astype(np.float64))
        share: np.ndarray = frequency / frequency.sum()
        return share

    def word(self, column: int) -> str:
        """Return the word of a column, or the column's number where the model has no vocabulary."""
        return str(column) if self.vocabulary is None else self.vocabulary[column]

    def name(self, topic: int) -> str | None:
        """Return the name that a topic was given, or None."""
        return self.names[topic] if self.names else None

    def label(self, topic: int) -> str:
        """Return the name of a topic or, without one, its three top words."""
        return self.name(topic) or self.label_of_words(topic)

    def label_of_words(self, topic: int) -> str:
        """Return the three top words of a topic, separated by commas."""
        return self._labels[topic]

    @cached_property
    def _labels(self) -> list[str]:
        return [", ".join(words) for words in leading_words(self, 3)]

    @cached_property
    def vectorizer(self) -> "Vectorizer | None":
        """What turns texts into counts of the vocabulary."""
        if not isinstance(self.recipe, Mapping):
            return self.recipe
        from topicgen.corpus import Vectorizer

        # What is foreign stays so: the mark says what the user consented to.
        return Vectorizer.from_config(self.recipe, self.vocabulary or [], trust_recipe=True)

    @cached_property
    def hierarchy(self) -> "Hierarchy":
        """The torch module of the model and the layers above it, in double precision.

        Double precision makes a document's proportions independent of the others in its batch.
        """
        return self.build().double()

    @property
    def model(self) -> "LatentCountModel":
        """The torch module of the topics, in double precision."""
        return self.hierarchy.base

    def build(self) -> "Hierarchy":
        """Return a new torch module with the weights in the precision of the training.

        Raises:
            KeyError, RuntimeError, ValueError: where an entry is missing or of another shape.
        """
        import torch

        from topicgen.models import Hierarchy
        from topicgen.topic_model.encoder_input import inputs_of

        return Hierarchy.from_weights(
            {name: torch.tensor(value) for name, value in self.weights.items()},
            latent=self.structure.latent,
            likelihood=self.structure.likelihood,
            inference=self.structure.inference,
            n_layers=self.structure.n_layers,
            encoder=self.structure.encoder,
            inputs=inputs_of(self.structure.encoder_input, self.embedding),
        )

    def on(self, device: "torch.device") -> "Hierarchy":
        """Return the hierarchy on a device."""
        if device.type == "cpu":
            return self.hierarchy
        copies: dict[Any, Hierarchy] = self.__dict__.setdefault("_copies", {})
        if device not in copies:
            copies[device] = self.build().double().to(device)
        return copies[device]
