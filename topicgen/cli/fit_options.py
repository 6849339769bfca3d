"""The options of ``topicgen fit``: what a word is, and how the model is trained."""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import POSITIVE, Number, Sizes, grouped
from topicgen.errors import InputError

if TYPE_CHECKING:
    from topicgen.corpus import Vectorizer

_FREQUENCY = Number(
    "a number of documents, a share of them such as 0.01, or auto", int, float, low=0, word="auto"
)
_POSITIVE_OR_AUTO = Number("an integer from 1, or auto", int, low=1, word="auto")
_POSITIVE_OR_NONE = Number("an integer from 1, or none", int, low=1, word="none")

n_components_option = click.option(
    "-k",
    "--n-components",
    type=POSITIVE,
    metavar="K",
    default=20,
    show_default=True,
    help="Number of topics.",
)

recipe_options = grouped(
    "recipe",
    min_df=click.option(
        "--min-df",
        type=_FREQUENCY,
        metavar="N",
        help="Drop words in fewer documents: a number (2), a share (0.01) or auto.",
    ),
    max_df=click.option(
        "--max-df", type=_FREQUENCY, metavar="N", help="Drop words in more documents, likewise."
    ),
    max_features=click.option(
        "--max-features",
        type=_POSITIVE_OR_NONE,
        metavar="N",
        help="Keep this many words, the most frequent; none keeps all. [default: 20000]",
    ),
    stop_words=click.option(
        "--stop-words",
        metavar="english|none|FILE",
        help="Words to leave out; a FILE has one a line. [default: english]",
    ),
    token_pattern=click.option(
        "--token-pattern",
        metavar="REGEX",
        help="What a word is. [default: two characters or more, the first a letter]",
    ),
    stemmer=click.option(
        "--stemmer", metavar="LANGUAGE", help="Stem the words of a language, such as english."
    ),
)

# The names are written out: to ask the model for them would load torch at every --help.
LATENT = ("negative_binomial", "poisson", "geometric", "binomial")
LIKELIHOODS = ("multinomial", "poisson", "negative_binomial")

training_options = grouped(
    "training",
    latent=click.option(
        "--latent",
        type=click.Choice(LATENT),
        help="Law of the counts. [default: negative_binomial]",
    ),
    likelihood=click.option(
        "--likelihood",
        type=click.Choice(LIKELIHOODS),
        help="Law of the words: negative_binomial is for words in bursts. [default: multinomial]",
    ),
    background=click.option(
        "--background",
        is_flag=True,
        default=None,
        help="Make the last topic the words of the whole collection.",
    ),
    separation=click.option(
        "--separation",
        type=Number("a number from 0", float, low=0.0, high=sys.float_info.max),
        metavar="X",
        help="How much topics keep apart: 0 predicts best, more reads better. [default: 0.015]",
    ),
    upper_components=click.option(
        "--upper-components",
        type=Sizes(),
        metavar="N,...",
        help="Topics of the layers above, such as 20,5. [default: none]",
    ),
    max_epochs=click.option(
        "--max-epochs",
        type=_POSITIVE_OR_AUTO,
        metavar="N",
        help="Passes over the documents, at most. [default: auto]",
    ),
    batch_size=click.option(
        "--batch-size",
        type=_POSITIVE_OR_AUTO,
        metavar="N",
        help="Documents in a step of the training. [default: auto]",
    ),
    learning_rate=click.option(
        "--learning-rate",
        type=Number("a number above 0", float, low=sys.float_info.min, high=sys.float_info.max),
        metavar="X",
        help="Size of a step of the training.",
    ),
    random_state=click.option(
        "--seed",
        "random_state",
        type=Number("an integer from 0 to 2**32 - 1", int, low=0, high=2**32 - 1),
        metavar="N",
        default=0,
        show_default=True,
        help="The same seed gives the same model on the same machine.",
    ),
    device=click.option(
        "--device", metavar="NAME", help="Where to compute: auto, cpu, cuda ... [default: auto]"
    ),
)


def make_vectorizer(recipe: dict[str, Any]) -> "Vectorizer":
    """Return the vectorizer that the recipe's options describe.

    Raises:
        InputError: where the file of stop words cannot be read.
    """
    from topicgen.corpus import Vectorizer, read_stop_words

    options: dict[str, Any] = {
        name: None if value == "none" else value for name, value in recipe.items()
    }
    stop_words = options.get("stop_words", "english")
    if stop_words not in ("english", None):
        if not os.path.exists(stop_words):
            raise InputError(
                "expected --stop-words english, none or a file with a word a line, got "
                f"{stop_words!r}, which does not exist; check the path"
            )
        options["stop_words"] = read_stop_words(stop_words)
    return Vectorizer(**options)
