"""``topicgen select-k``: how many topics to fit."""

import os
import shlex
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from topicgen.cli.checkpoints import (
    check_saving,
    grid_checkpoint_options,
    remove_saved,
    say_how_to_resume,
)
from topicgen.cli.embedding_files import (
    check_embeddings_file,
    embeddings_option,
    read_embeddings_file,
)
from topicgen.cli.fit_options import model_options, training_options
from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import print_json, say, show, show_lines, show_text, window
from topicgen.cli.options import (
    POSITIVE,
    Sizes,
    allow_code_option,
    input_options,
    json_option,
    overwrite_option,
    quiet_option,
    sources_argument,
)
from topicgen.cli.outputs import hold_file
from topicgen.cli.program import INTERRUPTED
from topicgen.cli.recipe_options import recipe_options
from topicgen.cli.sections import SectionedCommand, section
from topicgen.cli.word_vector_files import (
    check_word_vectors,
    read_word_vectors,
    word_vectors_option,
)
from topicgen.errors import InputError
from topicgen.files import whole_file
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.corpus import Corpus
    from topicgen.selection import Selection

_FIGURES = (".pdf", ".png", ".svg")
# Parameters that 'topicgen fit' does not have, or uses differently.
_NOT_FOR_FIT = (
    *("sources", "grid", "seeds", "figure", "overwrite", "quiet", "as_json"),
    *("checkpoint", "resume"),
)


@click.command(
    "select-k",
    cls=SectionedCommand,
    short_help="Recommend a number of topics.",
    examples=(
        "topicgen select-k news.csv",
        "topicgen select-k news.csv --grid 10,20,40,80 --seeds 5 --figure scores.png",
    ),
)
@sources_argument
@section(
    "Selection",
    click.option(
        "--grid",
        type=Sizes(),
        metavar="K,...",
        help="Numbers of topics to try, such as 10,20,40. [default: 5 to 100, fewer for small "
        "corpora]",
    ),
    click.option(
        "--seeds",
        type=POSITIVE,
        metavar="N",
        default=3,
        show_default=True,
        help="Models to fit for each number of topics; one seed cannot tell whether topics recur.",
    ),
)
@section("Input", input_options, embeddings_option, allow_code_option)
@section("Words", recipe_options)
@section("Model", word_vectors_option, model_options)
@section("Training", training_options)
@section("Checkpoints", grid_checkpoint_options)
@section(
    "Output",
    click.option(
        "--figure", metavar="FILE", help="Save a figure of the scores as .png, .svg or .pdf."
    ),
    overwrite_option,
    quiet_option,
    json_option,
)
def select_k(
    sources: tuple[str, ...],
    grid: tuple[int, ...] | None,
    seeds: int,
    figure: str | None,
    overwrite: bool,
    reading: dict[str, Any],
    embeddings: str | None,
    word_vectors: str | None,
    allow_code: bool,
    recipe: dict[str, Any],
    structure: dict[str, Any],
    training: dict[str, Any],
    saving: dict[str, Any],
    quiet: bool,
    as_json: bool,
) -> None:
    """Recommend a number of topics for the documents in INPUT...

    Fits models with several numbers of topics, each with several seeds, and scores them on held-out
    documents. Of the numbers that predict best (within two standard errors), recommends the most
    stable: other seeds find its topics again most reliably. Where the documents cannot tell, the
    reason says so. Ctrl-C stops early and reports on the numbers finished so far.
    """
    if grid is not None and len(set(grid)) < 2:
        raise InputError(
            f"--grid needs at least two different numbers of topics, got only {grid[0]}; pass a "
            "list such as 10,20,40, or leave the option out"
        )
    if figure is not None:
        _hold_figure(figure, overwrite)
    check_saving(saving, quiet=quiet)

    if embeddings is not None:
        check_embeddings_file(embeddings)
    if word_vectors is not None:
        check_word_vectors(word_vectors)

    from topicgen.cli.inputs import read_input
    from topicgen.selection import Selection, score_grid
    from topicgen.topic_model import TopicModel

    rows = InputRows()
    corpus = read_input(sources, reading, recipe, trust_recipe=allow_code, rows=rows)
    vectors = None if embeddings is None else read_embeddings_file(embeddings, rows)
    options = training | structure
    if word_vectors is not None:
        options["word_vectors"] = read_word_vectors(word_vectors, corpus.vocabulary)
    points, interrupted = [], False
    try:
        for point in score_grid(
            corpus,
            grid,
            embeddings=vectors,
            n_seeds=seeds,
            random_state=options.pop("random_state"),
            estimator=TopicModel(**options),
            verbose=0 if quiet else 1,
            **saving,
        ):
            points.append(point)
    except KeyboardInterrupt:
        if saving:
            say_how_to_resume(saving)
        elif not points:
            raise
        if not points:
            raise click.exceptions.Exit(INTERRUPTED) from None
        interrupted = True
        say(f"interrupted after {points[-1].n_components} topics: larger numbers were not tried")
    selection = Selection(points)
    failed = None
    try:
        if figure is not None:
            _draw(selection, figure)
    except InputError as error:  # the scores are shown all the same
        failed, figure = error, None
    next_command = _command_to_fit(selection.n_components)
    _report(selection, corpus, next_command, figure, as_json)
    if failed is not None:
        raise failed
    if interrupted:
        raise click.exceptions.Exit(INTERRUPTED)
    remove_saved(saving)


def _hold_figure(file: str, overwrite: bool) -> None:
    if os.path.splitext(file)[1].lower() not in _FIGURES:
        raise InputError(
            f"--figure must end in one of {', '.join(_FIGURES)}, got {quoted(file)}; rename "
            "the file"
        )
    from topicgen.visualization.figures.style import check_matplotlib

    check_matplotlib()
    hold_file(file, overwrite=overwrite)


def _draw(selection: "Selection", file: str) -> None:
    from topicgen.visualization import selection as selection_figure

    drawn = selection_figure(selection)
    with whole_file(file) as draft:
        drawn.savefig(draft, format=os.path.splitext(file)[1][1:].lower())


def _command_to_fit(n_components: int) -> str:
    """Return the command that fits this many topics, with the options given here."""
    context = click.get_current_context()
    words = ["topicgen", "fit", *context.params["sources"], "-k", str(n_components)]
    for option in context.command.params:
        name = option.name or ""
        if (
            name in _NOT_FOR_FIT
            or context.get_parameter_source(name) is not ParameterSource.COMMANDLINE
        ):
            continue
        value = context.params[name]
        words.append(option.opts[0])
        if value is not True:
            words.append(",".join(map(str, value)) if isinstance(value, tuple) else str(value))
    return shlex.join(words)


def _report(
    selection: "Selection", corpus: "Corpus", next_command: str, figure: str | None, as_json: bool
) -> None:
    from topicgen.corpus.wording import quantity, sizes
    from topicgen.plain import wrap
    from topicgen.visualization.selection_table import selection_table

    n_held_out = selection.points[0].n_tokens.size
    if as_json:
        print_json(
            {
                "documents": corpus.n_documents,
                "held_out": n_held_out,
                "n_components": selection.n_components,
                "n_enough": selection.n_enough,
                "conclusive": selection.conclusive,
                "reason": selection.reason,
                "next": next_command,
                "figure": figure,
                "table": selection.table.to_dict("records"),
            }
        )
        return
    show_text(
        f"corpus: {sizes(corpus.n_documents, corpus.n_words, corpus.n_tokens)}, "
        f"{quantity(n_held_out, 'document')} held out"
    )
    show()
    show_lines(selection_table(selection.table, selection.n_components, window()))
    show()
    show_lines("\n".join(wrap(selection.reason, min(window() or 100, 100))))
    show()
    if figure is not None:
        show(f"figure: {figure}")
    show(f"next: {next_command}")
