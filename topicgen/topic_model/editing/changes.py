"""The edits of topics, each from what is fitted to what is fitted after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen.effects import Imputed, TokenDraws
from topicgen.effects.group_words import inverse_odds
from topicgen.errors import InputError, listed, shown
from topicgen.models import SparseCounts, impute_tokens
from topicgen.plain import quoted
from topicgen.topic_model.content import content_of
from topicgen.topic_model.diagnosis import compare_depth, diagnose
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.editing.composition import (
    Composition,
    Floats,
    dropping,
    merging,
    numbers_after,
    recomposed,
    splitting,
    without_network,
)
from topicgen.topic_model.editing.costs import cost_of, embedded, known_of
from topicgen.topic_model.editing.halves import find_halves
from topicgen.topic_model.editing.masses import prior_logits, recomposed_masses
from topicgen.topic_model.editing.occurring import occurrence_after
from topicgen.topic_model.edits import Edit
from topicgen.topic_model.fitted import Evidence, Fitted
from topicgen.topic_model.inference import infer_proportions
from topicgen.topic_model.inspection import check_topic
from topicgen.topic_model.kept import KeptDocuments
from topicgen.topic_model.seed_words import SeedWords, checked_name
from topicgen.topic_model.streams import Stream, derived_seed
from topicgen.training import generator, one_core_spared, whole_tokens

_MOST_TO_MEASURE = 2_000  # documents, for how topics occur
_MOST_TO_SHARE = 5_000  # for the shares of topics after one was dropped


def rename(fitted: Fitted, names: Mapping[Any, str | None]) -> Fitted:
    """Return the model with other names of topics.

    Raises:
        InputError: where there is no such topic, a name is no line of text, or two topics would
            have the same one.
    """
    if not isinstance(names, Mapping) or not names:
        raise InputError(
            f"names must map topics to names, such as {{3: 'economy'}}, got {shown(names)}"
        )
    new = [fitted.name(topic) for topic in range(fitted.n_topics)]
    done = []
    for topic, name in names.items():
        number = check_topic(fitted, topic)
        new[number] = None if name is None else checked_name(name, "names")
        verb = "no longer has a name" if name is None else f"is now named {quoted(new[number])}"
        done.append(f"topic {number} ({fitted.label(number)}) {verb}")
    given = [name for name in new if name is not None]
    twice = next((name for name in given if given.count(name) > 1), None)
    if twice is not None:
        both = [str(number) for number, name in enumerate(new) if name == twice]
        raise InputError(
            f"topics {' and '.join(both)} would both be named {quoted(twice)}; choose another "
            f"name, or merge them with merge([{', '.join(both)}])"
        )
    edit = Edit("rename", ", ".join(done))
    return _with(fitted, edit, names=tuple(new) if given else ())


def merge(fitted: Fitted, topics: Sequence[Any], documents: KeptDocuments | None = None) -> Fitted:
    """Return the model with some topics merged into the one with the lowest number.

    Raises:
        InputError: where these are not two or more topics, or there are no documents.
    """
    chosen = _topics(fitted, topics)
    if len(chosen) < 2:
        raise InputError(f"topics must name two or more topics to merge, got {shown(topics)}")
    if len(chosen) == fitted.n_topics > 2:
        raise InputError("cannot merge all topics into one; leave out at least one topic")
    _check_not_background(fitted, chosen)
    parts = Composition(merging(fitted.n_topics, chosen), fitted.evidence.topic_share)
    target, names = min(chosen), _names_after(fitted, parts)
    by_order = [fitted.name(topic) for topic in chosen]
    name = next((name for name in by_order if name is not None), None)
    names[target] = name
    described = _and(_described(fitted, topic) for topic in chosen)
    text = f"merged topics {described} into topic {target}" + (f" ({name})" if name else "")
    return _recomposed(fitted, "merge", text, parts, names, documents)


def drop(fitted: Fitted, topics: Sequence[Any], documents: KeptDocuments | None = None) -> Fitted:
    """Return the model without some topics; the others take over their tokens.

    Raises:
        InputError: where there is no such topic, none would be left, or there are no documents.
    """
    chosen = _topics(fitted, topics)
    if len(chosen) == fitted.n_topics:
        raise InputError("cannot drop all topics; keep at least one")
    _check_not_background(fitted, chosen)
    text = f"dropped topic{_plural(chosen)} {_and(_described(fitted, topic) for topic in chosen)}"
    parts = Composition(dropping(fitted.n_topics, chosen), fitted.evidence.topic_share)
    return _recomposed(fitted, "drop", text, parts, _names_after(fitted, parts), documents)


def split(fitted: Fitted, topic: Any, documents: KeptDocuments | None = None) -> Fitted:
    """Return the model with a topic split in two; the second half gets the last number.

    Raises:
        InputError: where there is no such topic, or too few documents have it.
    """
    number = check_topic(fitted, topic)
    _check_not_background(fitted, [number])
    documents = documents_for(fitted, documents)
    seed = _seed(fitted)
    halves = find_halves(
        _tokens_of(fitted, number, documents),
        fitted.components[number],
        np.random.default_rng(seed),
    )
    has_background = not fitted.weights["free"].all()
    place = fitted.n_topics - has_background
    matrix = splitting(fitted.n_topics, number, halves.share, place=place)
    words = {number: halves.words[0], place: halves.words[1]}
    parts = Composition(matrix, fitted.evidence.topic_share, words)
    names = _names_after(fitted, parts)
    text = f"split topic {_described(fitted, number)}"
    after = _recomposed(fitted, "split", text, parts, names, documents)
    first, second = after.label_of_words(number), after.label_of_words(place)
    done = f"{text} into topic {number} ({first}) and topic {place} ({second})"
    return replace(after, edits=(*fitted.edits, replace(after.edits[-1], text=done)))


def freeze(fitted: Fitted, topics: Sequence[Any]) -> Fitted:
    """Return the model with topics that further training leaves as they are.

    Raises:
        InputError: where there is no such topic.
    """
    chosen = _topics(fitted, topics)
    text = f"froze topic{_plural(chosen)} {_and(_described(fitted, k) for k in chosen)}"
    frozen = tuple(sorted({*fitted.frozen, *chosen}))
    return _with(fitted, Edit("freeze", text), frozen=frozen)


def unfreeze(fitted: Fitted, topics: Sequence[Any] | None) -> Fitted:
    """Return the model with topics that are no longer frozen; all of them without an argument.

    Raises:
        InputError: where there is no such topic, or it is not frozen.
    """
    chosen = list(fitted.frozen) if topics is None else _topics(fitted, topics)
    other = next((topic for topic in chosen if topic not in fitted.frozen), None)
    if other is not None or not chosen:
        which = "no topic is frozen" if other is None else f"topic {other} is not frozen"
        known = ", ".join(map(str, fitted.frozen))
        raise InputError(which + (f"; the frozen topics are {known}" if known else ""))
    text = f"unfroze topic{_plural(chosen)} {_and(_described(fitted, k) for k in chosen)}"
    left = tuple(topic for topic in fitted.frozen if topic not in chosen)
    return _with(fitted, Edit("unfreeze", text), frozen=left)


def weights_after(fitted: Fitted, parts: Composition) -> Fitted:
    """Return the model with the weights of new topics, and nothing else that is known of them.

    The moments of Adam belong to the topics before, and are left out. A network knows these topics
    alone, so the unfolded encoder takes its place.
    """
    if _has_network(fitted):
        structure = replace(fitted.structure, encoder="unfolded", encoder_input="words")
        weights = without_network(fitted.weights)
        fitted = replace(fitted, structure=structure, weights=weights, embedding=None)
    structure, weights = fitted.structure, recomposed(fitted.weights, fitted.components, parts)
    atoms = fitted.weights["atoms"].astype(np.float64)
    if structure.latent == "given":
        law = np.exp(fitted.weights["prior_logits"].astype(np.float64))
        law = recomposed_masses(law / law.sum(1, keepdims=True), atoms, parts)
        weights["prior_mean"] = (law @ atoms).astype(weights["prior_mean"].dtype)
        masses = np.log(np.maximum(law, 1e-30))
    else:
        values = (torch.tensor(weights[name]) for name in ("prior_mean", "dispersion", "atoms"))
        masses = prior_logits(structure.latent, *values).numpy()
    before = fitted.weights["prior_logits"]
    weights["prior_logits"] = masses.astype(before.dtype)
    if not parts.is_drop:
        for new, old in parts.unchanged.items():
            weights["prior_logits"][new] = before[old]
    return replace(fitted, weights=weights, optimizer={})


def _has_network(fitted: Fitted) -> bool:
    return fitted.structure.encoder not in ("unfolded", "unfolded_network")


def undo(fitted: Fitted) -> Fitted:
    """Return what there was before the last edit.

    Raises:
        InputError: where there is no edit to undo.
    """
    if fitted.before is None:
        raise InputError("there is no edit to undo")
    return fitted.before


def _topics(fitted: Fitted, topics: Any) -> list[int]:
    """Return the numbers of some topics, each once, in the order given."""
    given = listed(topics)
    if given is None or isinstance(topics, Mapping):
        raise InputError(f"topics must be a list of topics, such as [2, 7], got {shown(topics)}")
    chosen = [check_topic(fitted, topic) for topic in given]
    if not chosen:
        raise InputError("topics must name at least one topic, got an empty list")
    twice = next((number for number in chosen if chosen.count(number) > 1), None)
    if twice is not None:
        raise InputError(f"topics must be different, got topic {twice} twice")
    return chosen


def _check_not_background(fitted: Fitted, topics: Iterable[int]) -> None:
    for topic in topics:
        if not fitted.weights["free"][topic].all():
            raise InputError(
                f"topic {topic} is the background, the word distribution of the whole collection, "
                "and cannot be edited; choose another topic"
            )


def _recomposed(
    fitted: Fitted,
    kind: str,
    text: str,
    parts: Composition,
    names: list[str | None],
    documents: KeptDocuments | None,
) -> Fitted:
    """Return the model with new topics, and all that is known of them."""
    documents = documents_for(fitted, documents)
    names_after = tuple(names) if any(name is not None for name in names) else ()
    seeds = _seeds_after(fitted, parts.matrix)
    frozen = tuple(sorted(new for new, old in parts.unchanged.items() if old in fitted.frozen))
    after = replace(weights_after(fitted, parts), names=names_after, seeds=seeds, frozen=frozen)
    atoms = fitted.weights["atoms"].astype(np.float64)
    after = replace(after, evidence=_evidence(fitted, after, parts, atoms, documents))
    after = replace(after, diagnostics=_diagnostics(after, documents))
    after = replace(after, imputed=_imputed(fitted, after, parts, documents))
    if fitted.content is not None:
        kept = _kept(fitted)
        found = content_of(after, kept, known_of(after, kept), _seed(fitted))
        after = replace(after, content=found)
    if _has_network(fitted):
        text += "; the encoder is now 'unfolded', as a network knows only its own topics"
    edit = Edit(kind, text, numbers_after(parts.matrix), cost_of(fitted, after, documents.watched))
    return _with(fitted, edit, after)


def _with(fitted: Fitted, edit: Edit, after: Fitted | None = None, **changes: Any) -> Fitted:
    """Return the model after an edit, which knows the one before."""
    return replace(after or fitted, edits=(*fitted.edits, edit), before=fitted, **changes)


def _seed(fitted: Fitted) -> int:
    return derived_seed(fitted.seed, Stream.EDITING, len(fitted.edits))


def _kept(fitted: Fitted) -> KeptDocuments:
    if fitted.kept is None:
        raise InputError(
            "the model was saved without the documents of its fit, which this edit needs; fit it "
            "again, and save it with documents=True"
        )
    return fitted.kept


def documents_for(fitted: Fitted, documents: KeptDocuments | None) -> KeptDocuments:
    """Return the documents that say what an edit does: those given, or those that are kept."""
    if documents is not None:
        return documents
    if fitted.kept is None:
        raise InputError(
            "the model was saved without documents, which this edit needs; pass some as X, or by "
            "--documents on the command line"
        )
    return fitted.kept


def _tokens_of(fitted: Fitted, topic: int, documents: KeptDocuments) -> csr_matrix:
    """Return the expected tokens of a topic in documents, CSR of (n_documents, n_words)."""
    counts = whole_tokens(documents.counts)
    proportions = infer_proportions(fitted.model, counts, 0, known=known_of(fitted, documents))
    tokens = inverse_odds(counts, proportions, fitted.components)
    of_rows = np.repeat(proportions[:, topic], np.diff(tokens.indptr))
    tokens.data = tokens.data * of_rows * fitted.components[topic][tokens.indices]
    return tokens


def _names_after(fitted: Fitted, parts: Composition) -> list[str | None]:
    """Return the names of topics that an edit leaves unchanged, and None for others."""
    unchanged = parts.unchanged
    return [
        fitted.name(unchanged[new]) if new in unchanged else None
        for new in range(parts.matrix.shape[1])
    ]


def _seeds_after(fitted: Fitted, matrix: Floats) -> SeedWords | None:
    """Return the seeds of the first topics; those of merged topics are joined."""
    if fitted.seeds is None:
        return None
    joined: dict[int, tuple[str, list[str]]] = {}
    for old, (name, words) in enumerate(fitted.seeds.words.items()):
        if matrix[old].any():
            new = int(matrix[old].argmax())
            known = joined.setdefault(new, (name, []))[1]
            known.extend(word for word in words if word not in known)
    return SeedWords(dict(joined[new] for new in sorted(joined))) if joined else None


@one_core_spared()
def _evidence(
    before: Fitted, after: Fitted, parts: Composition, atoms: Floats, documents: KeptDocuments
) -> Evidence:
    """Return the statistics of the new topics."""
    evidence = before.evidence
    share = parts.sums(evidence.topic_share)
    random = np.random.default_rng(_seed(before))
    if parts.is_drop:
        some = _sample(documents, _MOST_TO_SHARE, random)
        proportions = infer_proportions(after.model, some.counts, 0, known=known_of(after, some))
        share = np.asarray(some.counts.sum(1), dtype=np.float64).ravel() @ proportions
    return replace(
        evidence,
        masses=recomposed_masses(evidence.masses.astype(np.float64), atoms, parts),
        topic_share=share / share.sum(),
        occurrence=occurrence_after(
            before, after, parts, _sample(documents, _MOST_TO_MEASURE, random), random
        ),
    )


def _diagnostics(after: Fitted, documents: KeptDocuments) -> Diagnostics:
    """Return the diagnostics of the new topics; the relaxation was that of the training."""
    watched = documents.watched
    watch = SparseCounts.from_csr(watched.counts.astype(np.float64), torch.float64)
    hierarchy = after.hierarchy.given(embedded(watched))
    before = after.diagnostics
    random = generator(_seed(after), "cpu")
    with torch.no_grad():
        found = diagnose(
            hierarchy.base,
            watch,
            estimator="gengs",
            temperature=before.temperature,
            generator=random,
        )
        if after.structure.n_layers:
            found = compare_depth(found, hierarchy, watch, generator=random)
    return replace(found, relaxation_gap=before.relaxation_gap)


def _imputed(
    before: Fitted, after: Fitted, parts: Composition, documents: KeptDocuments
) -> Imputed | None:
    """Return what the analysis of effects needs: the draws of merged topics add up.

    Where topics take over tokens of others, the tokens are drawn anew.
    """
    imputed = before.imputed
    if imputed is None:
        return None
    if not parts.words and not parts.is_drop:
        return replace(imputed, draws=imputed.draws.merged(parts.matrix))
    documents = documents if documents.covariates is not None else _kept(before)
    known = known_of(after, documents)
    assert known is not None
    assert documents.covariates is not None
    draws = impute_tokens(
        after.model,
        SparseCounts.from_csr(whole_tokens(documents.counts), torch.float64),
        known,
        generator=generator(_seed(before), "cpu"),
    )
    return replace(
        imputed,
        draws=TokenDraws.of(draw.numpy() for draw in draws),
        covariates=documents.covariates,
        rows=documents.rows,
    )


def _sample(documents: KeptDocuments, n: int, random: np.random.Generator) -> KeptDocuments:
    if len(documents) <= n:
        return documents
    return documents.select(np.sort(random.choice(len(documents), n, replace=False)))


def _described(fitted: Fitted, topic: int) -> str:
    return f"{topic} ({fitted.label(topic)})"


def _plural(topics: Sequence[int]) -> str:
    return "s" if len(topics) > 1 else ""


def _and(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
