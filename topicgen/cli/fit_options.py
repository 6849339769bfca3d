"""The options of ``topicgen fit`` that say how the model is trained."""

import sys

import click

from topicgen.cli.options import POSITIVE, POSITIVE_OR_AUTO, Number, Sizes, grouped

n_components_option = click.option(
    "-k",
    "--n-components",
    type=POSITIVE,
    metavar="K",
    default=20,
    show_default=True,
    help="Number of topics.",
)

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
        type=POSITIVE_OR_AUTO,
        metavar="N",
        help="Passes over the documents, at most. [default: auto]",
    ),
    batch_size=click.option(
        "--batch-size",
        type=POSITIVE_OR_AUTO,
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
