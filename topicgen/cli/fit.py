"""``topicgen fit``: from texts to topics, scores and a saved model."""

import shlex
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli import ranks
from topicgen.cli.checkpoints import (
    check_saving,
    check_unfinished,
    checkpoint_options,
    remove_saved,
    say_how_to_resume,
)
from topicgen.cli.embedding_files import (
    check_embeddings_file,
    embeddings_option,
    read_embeddings_file,
)
from topicgen.cli.engine_options import engine_options, on_ray
from topicgen.cli.fit_options import (
    content_option,
    model_options,
    n_components_option,
    prevalence_option,
    seeds_option,
    training_options,
)
from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import print_json, say, show, show_lines, show_text, window
from topicgen.cli.options import (
    allow_code_option,
    column_options,
    deduplicate_option,
    file_options,
    json_option,
    keep_option,
    metadata_option,
    overwrite_option,
    quiet_option,
    sources_argument,
)
from topicgen.cli.outputs import default_model_name, hold_model_folder, save_or_rescue
from topicgen.cli.program import INTERRUPTED, WORDS
from topicgen.cli.recipe_options import recipe_options
from topicgen.cli.sections import SectionedCommand, section
from topicgen.cli.seed_files import read_seeds
from topicgen.cli.signals import interrupts_ignored
from topicgen.cli.topics import describe_topics, print_topics
from topicgen.cli.warm_start import (
    carried_lines,
    carried_record,
    given_options,
    load_before,
    warm_start_option,
)
from topicgen.cli.word_vector_files import (
    check_word_vectors,
    read_word_vectors,
    word_vectors_option,
)
from topicgen.corpus.splits import count_splits, split_sizes
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from topicgen.corpus import Corpus
    from topicgen.topic_model import TopicModel


@click.command(
    cls=SectionedCommand,
    short_help="Fit a topic model to texts or counts.",
    examples=(
        "topicgen fit news.csv -k 30 -o news-model",
        "topicgen fit speeches.csv -k 50 --prevalence 'party + s(date)' --stop-words german",
    ),
)
@sources_argument
@section(
    "Input",
    column_options,
    keep_option(
        "Columns that . stands for in --prevalence (those that it names are read anyway; a model "
        "stores none, so name those to show in transform and report)",
    ),
    metadata_option,
    embeddings_option,
    deduplicate_option,
    file_options,
    allow_code_option,
)
@section("Words", recipe_options)
@section(
    "Model",
    n_components_option,
    seeds_option,
    warm_start_option,
    prevalence_option,
    content_option,
    word_vectors_option,
    model_options,
)
@section("Training", training_options)
@section("Checkpoints", checkpoint_options)
@section(
    "Engine",
    engine_options("Number of processes that train together; needed with --engine ray."),
)
@section(
    "Output",
    click.option(
        "-o",
        "--output",
        metavar="MODEL",
        help="Model folder to write. [default: named after INPUT]",
    ),
    click.option(
        "--no-documents",
        is_flag=True,
        help="Save no word counts of documents with the model. 'topicgen edit' then needs "
        "--documents to split topics and to say what edits cost.",
    ),
    overwrite_option,
    quiet_option,
    json_option,
)
def fit(
    sources: tuple[str, ...],
    n_components: int,
    seeds: str | None,
    warm_start: str | None,
    output: str | None,
    overwrite: bool,
    reading: dict[str, Any],
    allow_code: bool,
    keep: str | tuple[str, ...] | None,
    metadata: str | None,
    embeddings: str | None,
    prevalence: str | None,
    content: str | None,
    word_vectors: str | None,
    deduplicate: bool,
    recipe: dict[str, Any],
    structure: dict[str, Any],
    training: dict[str, Any],
    saving: dict[str, Any],
    engine: dict[str, Any],
    no_documents: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Fit a topic model to the documents in INPUT... and save it as the folder MODEL.

    INPUT is texts or word counts, as 'topicgen --help' explains. Several inputs of texts may be
    given. Prints the topics and scores of the model. Ctrl-C stops the training early and saves the
    best weights so far; with --checkpoint, it writes a checkpoint instead, to go on later.
    """
    if on_ray(engine):
        from topicgen.cli.fit_on_ray import fit_on_ray

        words = click.get_current_context().meta[WORDS]
        status = fit_on_ray(words, engine, has_checkpoint="checkpoint" in saving)
        raise click.exceptions.Exit(status)
    folder = default_model_name(sources) if output is None else output
    if ranks.is_first():
        try:
            hold_model_folder(folder, overwrite=overwrite)
        except InputError:
            check_unfinished(saving, folder, overwrite=overwrite)
            raise
        check_saving(saving, output=folder, quiet=quiet)
    training |= structure
    before = None if warm_start is None else load_before(warm_start, trust_recipe=allow_code)
    if before is not None:
        given = given_options({"n_components": n_components})
        n_components = given.get("n_components", before.fitted_.n_topics)
        prevalence, content = prevalence or before.prevalence, content or before.content
    if prevalence is not None:
        keep = _with_covariates(keep, prevalence, has_table=metadata is not None)
        training["prevalence"] = prevalence
    if content is not None:
        keep = _with_columns(keep, (content,), has_table=metadata is not None)
        training["content"] = content

    if embeddings is not None:
        check_embeddings_file(embeddings)
    if word_vectors is not None:
        check_word_vectors(word_vectors)

    from topicgen.cli.inputs import read_input
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel
    from topicgen.topic_model.seed_words import checked_seeds

    if seeds is not None:
        is_background = training.get("background", before is not None and before.background)
        training["seeds"] = checked_seeds(read_seeds(seeds), n_components, background=is_background)
    if metadata is not None:
        reading["metadata"] = metadata
    vectorizer = None if before is None else before.vectorizer_
    rows = None if embeddings is None else InputRows()
    read = partial(
        read_input,
        sources,
        reading,
        recipe,
        keep=keep,
        deduplicate=deduplicate,
        vectorizer=vectorizer,
        trust_recipe=allow_code,
        rows=rows,
    )
    corpus = ranks.read_once(read, sources)
    vectors = None
    if rows is not None and embeddings is not None:
        vectors = read_embeddings_file(embeddings, ranks.shared_rows(rows))
    if word_vectors is not None:
        training["word_vectors"] = read_word_vectors(word_vectors, corpus.vocabulary)
    training |= {"n_components": n_components, "verbose": 0 if quiet else 1}
    model = TopicModel() if before is None else before
    known, carried = getattr(model, "fitted_", None), None
    interrupted = False
    try:
        if before is None:
            model.set_params(**training).fit(corpus, embeddings=vectors, **saving)
        else:
            changes = given_options(training)
            carried = before.refit(corpus, embeddings=vectors, **changes, **saving)
    except KeyboardInterrupt:
        if not ranks.is_first():  # the first one saves, and says so
            raise click.exceptions.Exit(INTERRUPTED) from None
        if saving:
            say_how_to_resume(saving)
            raise click.exceptions.Exit(INTERRUPTED) from None
        if getattr(model, "fitted_", None) is known:
            raise
        interrupted = True
    if not ranks.is_first():
        return
    with interrupts_ignored():
        save_or_rescue(
            lambda path: model.save(path, overwrite=overwrite, documents=not no_documents), folder
        )
        remove_saved(saving)
    if interrupted:
        n_epochs = quantity(len(model.history_), "epoch")
        say(f"interrupted after {n_epochs}: the best weights so far are in {quoted(folder)}")
        raise click.exceptions.Exit(INTERRUPTED)
    try:
        _report(model, corpus, vectors, sources, folder, as_json, carried)
    except KeyboardInterrupt:
        say(f"interrupted while scoring: the model is in {quoted(folder)}")
        raise click.exceptions.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # as by | head
        raise
    except Exception:
        say(f"the model is saved in {quoted(folder)}; printing its topics and scores failed")
        raise


def _with_covariates(
    keep: str | tuple[str, ...] | None, prevalence: str, *, has_table: bool
) -> str | tuple[str, ...] | None:
    """Return the columns to keep, with those of the formula.

    Args:
        keep: of the user; None for none, or for all of a table of metadata.
        prevalence: the formula; with "." it is of all columns that are kept.
        has_table: whether there is a table of metadata.

    Raises:
        InputError: where it is not a formula.
    """
    from topicgen.covariates import formula_variables

    needed = formula_variables(prevalence)
    if needed is None:
        return keep if has_table else keep or "all"
    return _with_columns(keep, tuple(needed), has_table=has_table)


def _with_columns(
    keep: str | tuple[str, ...] | None, needed: tuple[str, ...], *, has_table: bool
) -> str | tuple[str, ...] | None:
    """Return the columns to keep, with some that are needed."""
    if keep == "all" or (keep is None and has_table):
        return keep
    return tuple(dict.fromkeys((*(keep or ()), *needed)))


def _report(
    model: "TopicModel",
    corpus: "Corpus",
    vectors: "np.ndarray | None",
    sources: tuple[str, ...],
    folder: str,
    as_json: bool,
    carried: "pd.DataFrame | None",
) -> None:
    from topicgen.cli import scores
    from topicgen.corpus.wording import quantity, repetitions, sizes

    splits = count_splits(corpus.ids)
    validation = corpus.counts[model.validation_indices_]
    held_out = bool(validation.sum() > 0)
    scored = validation if held_out else corpus.counts
    # The fast methods only.
    known = corpus[model.validation_indices_] if held_out else corpus
    covariates = {} if model.prevalence is None else {"metadata": known.metadata}
    if vectors is not None and held_out:
        vectors = vectors[model.validation_indices_]
    predictions = model.get_perplexities(
        scored, ["document_completion", "elbo"], embeddings=vectors, **covariates
    )
    top_words = model.top_words(scores.TOP_N)
    npmi = {"c_npmi": scores.COHERENCES["c_npmi"]}
    readings = [*scores.coherences(top_words, corpus, npmi), scores.diversity(top_words)]
    topics = describe_topics(model.fitted_, scores.TOP_N)
    n_scored, n_scored_tokens = scored.shape[0], int(scored.sum())
    diagnostics = model.diagnostics_
    for warning in diagnostics.warnings:
        say(f"warning: {warning}")
    if as_json:
        print_json(
            {
                "input": sources[0] if len(sources) == 1 else list(sources),
                "model": folder,
                "documents": corpus.n_documents,
                "empty": corpus.n_empty,
                "duplicates": (corpus.found or {}).get("duplicates"),
                "words": corpus.n_words,
                "tokens": corpus.n_tokens,
                "splits": splits or None,
                "epochs": len(model.history_),
                "diagnostics": asdict(diagnostics) | {"warnings": diagnostics.warnings},
                "topics": topics,
                **({} if carried is None else {"carried_over": carried_record(carried)}),
                "perplexity_of": {
                    "documents": n_scored,
                    "tokens": n_scored_tokens,
                    "held_out": held_out,
                },
                "perplexities": predictions.to_dict("records"),
                "scores": scores.as_record([*scores.perplexities(predictions), *readings]),
            }
        )
        return
    show_text(
        f"corpus: {sizes(corpus.n_documents, corpus.n_words, corpus.n_tokens)}, "
        f"{quantity(corpus.n_empty, 'empty document')}"
    )
    if splits:
        show_text(f"splits: {split_sizes(splits)}")
    if repeated := repetitions(corpus.n_documents, corpus.found):
        show_text(repeated)
    show()
    print_topics(topics)
    show()
    if carried is not None:
        show_lines("\n".join(carried_lines(carried)) + "\n")
    which = "held-out validation" if held_out else "training"
    show_text(f"{which} documents ({n_scored:,}, with {quantity(n_scored_tokens, 'token')}):")
    show_lines(scores.perplexity_lines(predictions, window()))
    if held_out:
        show_text(
            "  (these perplexities are 0 to 1% too low: the best epoch was chosen on the same "
            "documents)"
        )
    show_text(f"topics, by the top {scores.TOP_N} words of each, in all documents:")
    show_lines(scores.score_lines(readings, window()))
    show_text(f"training ({quantity(len(model.history_), 'epoch')}):")
    show_lines(scores.score_lines(scores.training(diagnostics), window()))
    show()
    show(f"model: {folder}")
    if model.prevalence is not None:
        show(f"next: topicgen effects {shlex.quote(folder)}")
