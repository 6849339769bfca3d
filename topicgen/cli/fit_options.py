"""The options of ``topicgen fit`` about the model and its training."""

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

prevalence_option = click.option(
    "--prevalence",
    metavar="FORMULA",
    help="Covariates that the topics' shares may depend on: a formula over metadata columns, such "
    "as 'party * year + s(date) + (1 | author)'. These columns are kept. 'topicgen effects' shows "
    "the effects.",
)

content_option = click.option(
    "--content",
    metavar="COLUMN",
    help="Metadata column of groups, such as parties, between which the words of a topic may "
    "differ. This column is kept. 'topicgen topics --given' shows the words of one group.",
)

seeds_option = click.option(
    "--seeds",
    metavar="FILE",
    help="Names and seed words of the first topics, in a FILE with one topic per line, such as "
    "'economy: growth, tax*', or with a JSON object of lists.",
)

LATENT = ("negative_binomial", "poisson", "geometric", "binomial")
ENCODER_INPUTS = ("auto", "words", "words_and_embeddings", "embeddings")
ENCODERS = ("unfolded", "network", "unfolded_network")
OBJECTIVES = ("hidden_tokens", "elbo")
LIKELIHOODS = ("multinomial", "poisson", "negative_binomial")

model_options = grouped(
    "structure",
    latent=click.option(
        "--latent",
        type=click.Choice(LATENT),
        help="Distribution of the topic counts. [default: negative_binomial]",
    ),
    likelihood=click.option(
        "--likelihood",
        type=click.Choice(LIKELIHOODS),
        help="Distribution of the words; negative_binomial suits words that come in bursts. "
        "[default: multinomial]",
    ),
    encoder=click.option(
        "--encoder",
        type=click.Choice(ENCODERS),
        help="What infers the topics of a document: the model's own inference unfolded into "
        "layers, a network, or unfolded layers with a prior from a network. [default: unfolded]",
    ),
    encoder_input=click.option(
        "--encoder-input",
        type=click.Choice(ENCODER_INPUTS),
        help="What topics are inferred from: the words of a document, its embedding (which also "
        "works for documents in another language), or both; auto means the words, and the "
        "embedding if --embeddings is given. [default: auto]",
    ),
    background=click.option(
        "--background",
        is_flag=True,
        default=None,
        help="Make the last topic the word distribution of the whole collection.",
    ),
    separation=click.option(
        "--separation",
        type=Number("a non-negative number", float, low=0.0, high=sys.float_info.max),
        metavar="X",
        help="How distinct the topics are kept: 0 predicts best, higher values read better. "
        "[default: 0.015]",
    ),
    separation_measure=click.option(
        "--separation-measure",
        type=click.Choice(["distinctive", "probability"]),
        help="Which words topics should not share: above all those that distinguish a topic from "
        "the collection, or all, by their probability. [default: distinctive]",
    ),
    upper_components=click.option(
        "--upper-components",
        type=Sizes(),
        metavar="N,...",
        help="Sizes of the layers above the topics, such as 20,5. [default: no layers]",
    ),
)

training_options = grouped(
    "training",
    max_epochs=click.option(
        "--max-epochs",
        type=POSITIVE_OR_AUTO,
        metavar="N",
        help="Maximum number of passes over the documents. [default: auto]",
    ),
    bound_epochs=click.option(
        "--bound-epochs",
        type=Number("an integer of at least 0", int, low=0, high=10**6),
        metavar="N",
        help="Further epochs that raise the evidence lower bound itself. [default: 0]",
    ),
    batch_size=click.option(
        "--batch-size",
        type=POSITIVE_OR_AUTO,
        metavar="N",
        help="Documents per training step. [default: auto]",
    ),
    objective=click.option(
        "--objective",
        type=click.Choice(OBJECTIVES),
        help="What the training maximises: the likelihood of hidden tokens, or the evidence lower "
        "bound of all tokens. [default: hidden_tokens]",
    ),
    learning_rate=click.option(
        "--learning-rate",
        type=Number(
            "a positive number or auto",
            float,
            low=sys.float_info.min,
            high=sys.float_info.max,
            word="auto",
        ),
        metavar="X",
        help="Step size of the training. [default: auto]",
    ),
    random_state=click.option(
        "--seed",
        "random_state",
        type=Number("an integer from 0 to 2**32 - 1", int, low=0, high=2**32 - 1),
        metavar="N",
        default=0,
        show_default=True,
        help="Random seed: the same seed gives the same model on the same machine.",
    ),
    device=click.option(
        "--device", metavar="NAME", help="Device to compute on: auto, cpu or cuda. [default: auto]"
    ),
)
