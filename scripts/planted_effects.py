"""Documents whose topics depend on covariates, with the effects that were planted.

A population has K topics over V words, and a negative binomial amount of each topic in a document:

    log m_dk = a_k + x_d . g_k + u_author(d),k        lambda_dk ~ Gamma(r_k, mean m_dk)

Two plantings make documents of it. In "amount", the document has Poisson(lambda_dk) tokens of each
topic, so that its length is their sum. In "attention", its length is given, and its tokens are
multinomial with the shares theta_dk = lambda_dk / sum_k lambda_dk.

The covariates follow a design:

- balanced: a binary x, half of the documents;
- skewed: a binary column, 1 in a tenth of the documents, and a lognormal one;
- correlated: three normal columns with correlations of .7;
- null: a binary and a normal column without effects;
- authors: groups of 10 documents with an x of their own and random intercepts of sd .5;
- length: a binary x that doubles the length and leaves the attention as it is.

The truth of a topic and a column is what a regression would find in infinitely many documents:

- share: OLS of theta on the columns;
- attention: E[n_dk | N_d, x_d] = N_d exp(a_k + x_d . g_k), with n_dk the tokens of the topic and
  N_d those of the document: for a binary x, the log ratio of the two groups' tokens of the topic
  per token. A Poisson regression finds it whatever the lengths depend on;
- attention by document: E[theta_dk | x_d] = exp(a_k + x_d . g_k), in which long documents count as
  much as short ones. It is the same where the length is independent of the topics;
- amount: E[n_dk | x_d] = exp(a_k + x_d . g_k).

    python scripts/planted_effects.py        # the truths of every design
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import scipy.sparse as sp

DESIGNS = ("balanced", "skewed", "correlated", "null", "authors", "length")
PLANTINGS = ("amount", "attention")
QUANTITIES = ("share", "attention", "attention by document", "amount")
DOCUMENTS_PER_AUTHOR = 10
AUTHOR_SD = 0.5
CORRELATION = 0.7
DISPERSIONS = (0.1, 0.3, 0.5, 1.0)
TOPICS = ("zipf", "flat")
_COLUMNS = {
    "balanced": ("x",),
    "skewed": ("rare", "size"),
    "correlated": ("a", "b", "c"),
    "null": ("x", "w"),
    "authors": ("x",),
    "length": ("x",),
}
# Effects are planted for each unit of these: a binary column's two groups differ as much as two
# documents that lie two standard deviations of a continuous column apart.
_UNIT = {"size": 1.2, "a": 2.0, "b": 2.0, "c": 2.0, "w": 2.0}
_MONTE_CARLO, _BLOCK = 400_000, 50_000


@dataclass(frozen=True)
class Documents:
    """Documents of a population: counts, metadata, and what is known only of planted ones."""

    counts: sp.csr_matrix
    metadata: pd.DataFrame
    theta: np.ndarray
    tokens: np.ndarray


@dataclass(frozen=True)
class Population:
    """The parameters of planted documents.

    Args:
        design: how covariates are distributed, of DESIGNS.
        planting: how tokens come from rates, of PLANTINGS.
        n_tokens: the mean length of a document.
        topics: shape (n_topics, n_words), rows sum to 1.
        intercepts: a, shape (n_topics,).
        effects: g, shape (n_topics, n_columns).
        dispersion: r, shape (n_topics,).
        seed: of the Monte Carlo draws behind the truths.
    """

    design: str
    planting: str
    n_tokens: int
    topics: np.ndarray
    intercepts: np.ndarray
    effects: np.ndarray
    dispersion: np.ndarray
    seed: int = field(default=0, repr=False)

    @classmethod
    def random(
        cls,
        design: str,
        *,
        planting: str = "amount",
        n_tokens: int = 80,
        n_topics: int = 10,
        n_words: int = 1_000,
        topics: str = "zipf",
        seed: int = 0,
    ) -> "Population":
        """Return a population with random topics and effects.

        Half of the topics, and another half for each column, have effects of .3 to .8 of either
        sign. The topics have about as many words as real ones: "zipf", with a Zipfian mean, so that
        they share frequent words, or "flat", Dirichlet(.05), in which topics are all but disjoint.
        """
        if design not in DESIGNS or planting not in PLANTINGS or topics not in TOPICS:
            raise ValueError(f"no such design, planting or topics: {design}, {planting}, {topics}")
        random = np.random.default_rng([seed, DESIGNS.index(design)])
        topic_word = random_topics(topics, n_topics, n_words, random)
        columns = _COLUMNS[design]
        effects = np.zeros((n_topics, len(columns)))
        if design == "length":
            effects[:] = np.log(2)
        elif design != "null":
            for place, column in enumerate(columns):
                chosen = random.permutation(n_topics)[: n_topics // 2]
                size = random.uniform(0.3, 0.8, len(chosen)) * random.choice([-1, 1], len(chosen))
                effects[chosen, place] = size / _UNIT.get(column, 1.0)
        dispersion = random.permutation(np.resize(DISPERSIONS, n_topics))
        raw = random.normal(0, 0.4, n_topics)
        x = covariates(design, 100_000, random)[list(columns)].to_numpy()
        length = np.exp(raw + x @ effects.T).sum(1).mean()
        if design == "authors":
            length *= np.exp(AUTHOR_SD**2 / 2)
        intercepts = raw + np.log(n_tokens / length)
        return cls(design, planting, n_tokens, topic_word, intercepts, effects, dispersion, seed)

    @property
    def columns(self) -> list[str]:
        """The names of the design's columns."""
        return list(_COLUMNS[self.design])

    @property
    def formula(self) -> str:
        """What a user would write: with the authors' random intercepts where there are authors."""
        terms = [*self.columns, *(["(1 | author)"] if self.design == "authors" else [])]
        return "~ " + " + ".join(terms)

    @property
    def cluster(self) -> str | None:
        """The column that says which documents belong together, if any do."""
        return "author" if self.design == "authors" else None

    def draw(self, n_documents: int, random: np.random.Generator) -> Documents:
        """Return random documents of the population."""
        metadata = covariates(self.design, n_documents, random)
        rates = self._rates(metadata, random)
        theta = rates / rates.sum(1, keepdims=True)
        if self.planting == "amount":
            tokens = random.poisson(rates)
        else:
            tokens = random.multinomial(self._lengths(metadata), theta)
        return Documents(_words(tokens, self.topics, random), metadata, theta, tokens)

    @cached_property
    def truth(self) -> dict[str, np.ndarray]:
        """The effects by QUANTITIES, each of shape (n_topics, n_columns)."""
        if self.design in ("null", "length"):
            none = np.zeros_like(self.effects)
            return dict.fromkeys(QUANTITIES, none) | {"amount": self.effects}
        random = np.random.default_rng([self.seed, 1])
        parts = []
        for _ in range(_MONTE_CARLO // _BLOCK):
            metadata = covariates(self.design, _BLOCK, random)
            rates = self._rates(metadata, random)
            theta = rates / rates.sum(1, keepdims=True)
            x = metadata[self.columns].to_numpy(float)
            if self.planting == "amount":
                expected = np.exp(self.intercepts + x @ self.effects.T)
                length = expected.sum(1)
            else:
                length = self._lengths(metadata).astype(float)
                expected = length[:, None] * theta
            parts.append((x, theta, expected, length))
        x, theta, expected, length = map(np.concatenate, zip(*parts, strict=True))
        full = np.column_stack([np.ones(len(x)), x])
        share = np.linalg.lstsq(full, theta, rcond=None)[0][1:].T
        amount = self.effects if self.planting == "amount" else log_linear(full, expected)
        return {
            "share": share,
            "attention": log_linear(full, expected, length),
            "attention by document": log_linear(full, theta),
            "amount": amount,
        }

    def _rates(self, metadata: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
        x = metadata[self.columns].to_numpy(float)
        log_mean = self.intercepts + x @ self.effects.T
        if self.design == "authors":
            author = metadata["author"].cat.codes.to_numpy()
            log_mean += random.normal(0, AUTHOR_SD, (author.max() + 1, len(self.topics)))[author]
        draws = random.gamma(np.broadcast_to(self.dispersion, log_mean.shape))
        # The smallest gamma draws of a small shape are no numbers of double precision.
        return np.maximum(draws, 1e-300) * np.exp(log_mean) / self.dispersion

    def _lengths(self, metadata: pd.DataFrame) -> np.ndarray:
        if self.design != "length":
            return np.full(len(metadata), self.n_tokens)
        return 2 * self.n_tokens // 3 * (1 + (metadata["x"].to_numpy() == 1))


def covariates(design: str, n_documents: int, random: np.random.Generator) -> pd.DataFrame:
    """Return the columns of a design for random documents."""
    if design == "skewed":
        return pd.DataFrame(
            {
                "rare": (random.random(n_documents) < 0.1).astype(float),
                "size": random.lognormal(0, 0.5, n_documents),
            }
        )
    if design == "correlated":
        covariance = np.full((3, 3), CORRELATION) + (1 - CORRELATION) * np.eye(3)
        values = random.multivariate_normal(np.zeros(3), covariance, n_documents)
        return pd.DataFrame(values, columns=list("abc"))
    if design == "null":
        return pd.DataFrame(
            {"x": random.integers(0, 2, n_documents) * 1.0, "w": random.normal(size=n_documents)}
        )
    if design == "authors":
        author = np.arange(n_documents) // DOCUMENTS_PER_AUTHOR
        x = random.permutation(np.arange(author.max() + 1) % 2)[author] * 1.0
        names = pd.Categorical.from_codes(author, [f"author {i}" for i in range(author.max() + 1)])
        return pd.DataFrame({"x": x, "author": names})
    return pd.DataFrame({"x": random.permutation(np.arange(n_documents) % 2) * 1.0})


def random_topics(
    kind: str, n_topics: int, n_words: int, random: np.random.Generator
) -> np.ndarray:
    """Return topics over words, shape (n_topics, n_words), rows sum to 1.

    Two topics of "zipf" have a cosine of .17 on average, of "flat" .04; the perplexities of single
    topics are 45 and 84 words.
    """
    if kind == "flat":
        shape = np.full(n_words, 0.05)
    else:
        mean = 1 / (np.arange(n_words) + 10.0)
        shape = random.permutation(30 * mean / mean.sum())
    draws = random.gamma(shape, size=(n_topics, n_words)) + 1e-8
    return draws / draws.sum(1, keepdims=True)


def log_linear(
    x: np.ndarray, expected: np.ndarray, exposure: np.ndarray | None = None
) -> np.ndarray:
    """Return the slopes of E[y] = exposure exp(x . b) for every column of y, by Newton steps."""
    exposure = np.ones(len(x)) if exposure is None else exposure
    found = []
    for y in expected.T:
        b = np.zeros(x.shape[1])
        b[0] = np.log(y.sum() / exposure.sum())
        for _ in range(50):
            mean = exposure * np.exp(x @ b)
            step = np.linalg.solve((x * mean[:, None]).T @ x, x.T @ (y - mean))
            b += step
            if abs(step).max() < 1e-10:
                break
        found.append(b[1:])
    return np.array(found)


def _words(tokens: np.ndarray, topics: np.ndarray, random: np.random.Generator) -> sp.csr_matrix:
    rows, columns = [], []
    for k, n in enumerate(tokens.T):
        rows.append(np.repeat(np.arange(len(n)), n))
        columns.append(random.choice(topics.shape[1], n.sum(), p=topics[k]))
    row, column = np.concatenate(rows), np.concatenate(columns)
    shape = len(tokens), topics.shape[1]
    return sp.csr_matrix((np.ones(len(row), dtype=np.int64), (row, column)), shape=shape)


def main() -> None:
    for design in DESIGNS:
        for planting in PLANTINGS:
            population = Population.random(design, planting=planting)
            print(f"\n{design}, {planting}: {population.formula}")
            for quantity, values in population.truth.items():
                print(f"{quantity:>10}", *(f"{v:+.3f}" for v in values.ravel()))


if __name__ == "__main__":
    main()
