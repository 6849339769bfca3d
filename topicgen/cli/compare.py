"""``topicgen compare``: several models on the same documents."""

from pathlib import Path
from typing import Any

import click

from topicgen.cli.embedding_files import embeddings_of_input, embeddings_option
from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import print_json, show, show_lines, show_text, window
from topicgen.cli.options import allow_code_option, input_options, json_option, top_n_option
from topicgen.cli.sections import SectionedCommand, section
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted
from topicgen.visualization.comparison_table import (
    matches_table,
    pairs_table,
    scores_table,
    setting_pairs_table,
    settings_table,
)

# How many matched topics are shown without --matches: those that differ most.
_N_SHOWN = 5
# The width of the matched topics without a terminal.
_WIDTH = 100


@click.command(
    cls=SectionedCommand,
    short_help="Compare models on the same documents.",
    examples=("topicgen compare seed-0 seed-1 seed-2 news.csv --matches",),
)
@click.argument("model_folders", metavar="MODEL...", nargs=-1, required=True)
@click.argument("source", metavar="INPUT")
@section("Input", input_options, embeddings_option, allow_code_option)
@section(
    "Output",
    top_n_option("Number of top words per topic, for the scores, the matching and the output."),
    click.option(
        "--matches",
        "all_matches",
        is_flag=True,
        help="Show all matched topics, not only the least similar.",
    ),
    json_option,
)
def compare(
    model_folders: tuple[str, ...],
    source: str,
    top_n: int,
    all_matches: bool,
    reading: dict[str, Any],
    embeddings: str | None,
    allow_code: bool,
    as_json: bool,
) -> None:
    """Compare two or more MODELs on the documents of INPUT, the last argument.

    Shows for each model its document-completion perplexity and the coherence (NPMI) of its topics'
    top words, each with a 95% interval over documents, and the diversity and exclusivity (FREX) of
    these words. Every two models with the same vocabulary are tested for a difference in
    prediction: this says whether these two models would differ on other documents, not whether
    models fitted with other seeds would. To compare settings, pass models of several seeds for
    each: models with the same parameters except --seed, fitted to the same documents, are averaged,
    and the averages are compared with an error that includes the spread over seeds; the table of
    settings has the stability of each, the similarity of its models' topics. INPUT should be
    documents that no MODEL was fitted to; otherwise a warning is given. The topics of
    the first model are matched with those of every other model by their top words: a similarity of
    1 means the same words in the same order, 0 means no word in common.
    """
    if len(model_folders) < 2:
        raise InputError(
            "expected two or more model folders before INPUT, got only "
            f"{quoted(model_folders[0])}; add another MODEL"
        )
    if (stores.to_recognise(source) / "weights.safetensors").is_file():
        raise InputError(
            f"expected documents as the last argument, got the model folder {quoted(source)}; put "
            "INPUT after the models"
        )
    names = _names(model_folders)

    from topicgen.cli.inputs import read_plain
    from topicgen.comparison import compare as compare_models
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    models = {
        name: TopicModel.load(folder, trust_recipe=allow_code)
        for name, folder in zip(names, model_folders, strict=True)
    }
    # Standard input can be read only once, yet each model counts its own words.
    rows = InputRows()
    documents = read_plain(source, reading, rows)
    vectors = embeddings_of_input(list(models.values()), embeddings, rows)
    result = compare_models(models, documents, embeddings=vectors, top_n=top_n)
    if as_json:
        print_json(
            {
                "models": dict(zip(names, model_folders, strict=True)),
                "input": source,
                "documents": len(documents),
                "stability": result.stability,
                "scores": result.scores.reset_index().to_dict("records"),
                "tests": result.tests.to_dict("records"),
                "settings": result.settings.reset_index().to_dict("records"),
                "setting_tests": result.setting_tests.to_dict("records"),
                "matches": result.matches.to_dict("records"),
            }
        )
        return
    width = window()
    show_text(f"{quantity(len(documents), 'document')}; topics by their top {top_n} words")
    show()
    show_lines(f"{scores_table(result.scores, width)}\n\n{pairs_table(result.tests, width)}\n")
    n_fits = result.settings["models"].map(len)
    if n_fits.max() > 1:
        show_lines(f"{settings_table(result.settings, width)}\n")
    if (n_fits > 1).sum() > 1:
        show_lines(f"{setting_pairs_table(result.setting_tests, width)}\n")
    if len(models) > 2:
        of_settings = ", of different settings too" if len(n_fits) > 1 else ""
        show_text(
            f"stability, the mean similarity over all pairs of models{of_settings}: "
            f"{result.stability:.3f}"
        )
        show()
    show_lines(matches_table(result.matches, None if all_matches else _N_SHOWN, width or _WIDTH))


def _names(folders: tuple[str, ...]) -> list[str]:
    """Name the models after their folders, or by their paths where folder names repeat.

    >>> _names(("runs/a", "runs/b/")), _names(("a/model", "b/model"))
    (['a', 'b'], ['a/model', 'b/model'])
    """
    paths = [Path(folder).resolve() for folder in folders]
    repeated = next((folder for i, folder in enumerate(folders) if paths[i] in paths[:i]), None)
    if repeated is not None:
        raise InputError(
            f"expected different models, got {quoted(repeated)} twice; list each model once"
        )
    names = [path.name for path in paths]
    return names if len(set(names)) == len(names) else list(folders)
