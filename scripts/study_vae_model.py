"""The variational autoencoder of the VAE study: its priors, training and evaluation."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Geometric, NegativeBinomial, Poisson, kl_divergence
from torch.nn.functional import softplus

from topicgen.distributions import Finite, Truncated, truncation_point
from topicgen.gradients import ESTIMATORS, GradientEstimator, PathwiseEstimator

N_LATENTS, N_HIDDEN, N_PIXELS = 50, 200, 784
# The most of the prior's mass that the truncation moves onto the last atom.
CLAMPED = 1e-3
# How far, in nats, an encoder may move the natural parameter of a latent from the prior's.
REACH = 3.0

Family = Callable[[Tensor], Distribution]


def _poisson(rate: float, offset: Tensor) -> Distribution:
    return Poisson(rate * offset.exp(), validate_args=False)


def _geometric(p: float, offset: Tensor) -> Distribution:
    return Geometric(logits=torch.tensor(p).logit() - offset, validate_args=False)


def _negative_binomial(r: float, p: float, offset: Tensor) -> Distribution:
    logits = torch.tensor(p).logit() + offset
    return NegativeBinomial(torch.full_like(logits, r), logits=logits, validate_args=False)


# Each is a family of distributions by the offset of its parameter (the log-rate, or the log-odds of
# one more success or failure); at 0 it is the prior.
PRIORS: dict[str, Family] = {
    "Poisson(2)": partial(_poisson, 2.0),
    "Poisson(3)": partial(_poisson, 3.0),
    "Geometric(.25)": partial(_geometric, 0.25),
    "Geometric(.5)": partial(_geometric, 0.5),
    "NB(3, .5)": partial(_negative_binomial, 3.0, 0.5),
    "NB(5, .3)": partial(_negative_binomial, 5.0, 0.3),
}


@dataclass(frozen=True)
class Rival:
    """How an estimator is used in the study."""

    estimator: str
    options: dict = field(default_factory=dict)
    is_implicit: bool = False
    # In units of the budget's temperature; None for estimators without a temperature.
    heat: float | None = None
    # The bound of several samples, in place of the ELBO.
    is_multi_sample: bool = False


_SHARED = {"n_latents": N_LATENTS}
RIVALS: dict[str, Rival] = {
    "gengs": Rival("gengs", heat=1.0),
    "gengs_st": Rival("gengs_st", heat=1.0),
    "gengs_implicit": Rival("gengs", heat=1.0, is_implicit=True),
    "eat": Rival("eat", heat=1.0),
    # At a third of the temperature the logistic step is as steep as the cubic one.
    "eat_sigmoid": Rival("eat_sigmoid", heat=1 / 3),
    "gaussian": Rival("gaussian"),
    "reinforce": Rival("reinforce"),
    "leave_one_out": Rival("leave_one_out", {"n_samples": 2}),
    "vimco": Rival("vimco", {"n_samples": 5}, is_multi_sample=True),
    "nvil": Rival("nvil", _SHARED),
    "muprop": Rival("muprop"),
    "rebar": Rival("rebar", _SHARED),
    "relax": Rival("relax", _SHARED),
}


@dataclass(frozen=True)
class Budget:
    """How long and how fast to train, and how much to evaluate.

    Of the temperature schedules 1 to .5, 1 to .2, 1 to .1, .5 to .1, and .5 and .2 throughout, the
    first had the lowest negative ELBO, or one about a nat from it, for each of GenGS's three rows,
    on MNIST with Poisson(3) and OMNIGLOT with Geometric(.25), 500 steps, 2 seeds. For EAT (cubic)
    it was level with the best of .1, .5 and 1 throughout.
    """

    n_epochs: int
    n_iwae_images: int
    batch_size: int = 50
    learning_rate: float = 2e-3
    start_temperature: float = 1.0
    end_temperature: float = 0.5

    def temperature(self, progress: float) -> float:
        """Return the temperature after this share of the training, a geometric descent."""
        return self.start_temperature * (self.end_temperature / self.start_temperature) ** progress


class Vae(nn.Module):
    """Counts behind Bernoulli pixels.

    The explicit posterior has the prior's family and truncation, and the encoder gives its
    parameter; for the implicit posterior the encoder gives the logits. Both start near the prior,
    and the pixels at their means.
    """

    def __init__(self, family: Family, pixel_means: Tensor, *, is_implicit: bool) -> None:
        super().__init__()
        self.family, self.is_implicit = family, is_implicit
        base = family(torch.zeros(N_LATENTS))
        self.upper = truncation_point(base, CLAMPED)
        self.prior = Truncated(base, upper=self.upper, validate_args=False)
        n_outputs = N_LATENTS * (self.upper + 1 if is_implicit else 1)
        self.encoder = _perceptron(N_PIXELS, n_outputs)
        self.decoder = _perceptron(N_LATENTS, N_PIXELS)
        with torch.no_grad():
            self.decoder[-1].bias.copy_(pixel_means.clamp(0.01, 0.99).logit())

    def posterior(self, x: Tensor) -> Finite:
        """Return q(z | x), batch shape (len(x), N_LATENTS)."""
        outputs = self.encoder(x)
        if self.is_implicit:
            logits = self.prior.logits + outputs.unflatten(-1, (N_LATENTS, -1))
            return Finite(logits, self.prior.atoms, validate_args=False)
        base = self.family(REACH * (outputs / REACH).tanh())
        return Truncated(base, upper=self.upper, validate_args=False)

    def pixel_logits(self, z: Tensor) -> Tensor:
        """Return the log-odds of each pixel, given counts, or what stands for them, at most b."""
        scale = self.prior.variance.sqrt()
        return self.decoder((z.clamp(0, self.upper) - self.prior.mean) / scale)

    def log_likelihood(self, z: Tensor, x: Tensor) -> Tensor:
        """Return log p(x | z) in nats, shape (n_samples, len(x))."""
        logits = self.pixel_logits(z)
        return torch.einsum("sbi,bi->sb", logits, x) - softplus(logits).sum(-1)

    def log_weight(self, z: Tensor, x: Tensor, q: Finite) -> Tensor:
        """Return log p(x, z) / q(z | x) in nats, shape (n_samples, len(x))."""
        return self.log_likelihood(z, x) + (self.prior.log_prob(z) - q.log_prob(z)).sum(-1)


def _perceptron(n_inputs: int, n_outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(n_inputs, N_HIDDEN),
        nn.ReLU(),
        nn.Linear(N_HIDDEN, N_HIDDEN),
        nn.ReLU(),
        nn.Linear(N_HIDDEN, n_outputs),
    )


@dataclass(frozen=True)
class Fitted:
    """A trained model, and the estimator as it ended."""

    model: Vae
    estimator: GradientEstimator
    n_steps: int
    step_seconds: float


def train(rival: Rival, family: Family, images: Tensor, budget: Budget, seed: int) -> Fitted:
    torch.manual_seed(seed)
    model = Vae(family, images.mean(0), is_implicit=rival.is_implicit)
    estimator = ESTIMATORS[rival.estimator](**rival.options)
    parameters = [*model.parameters(), *estimator.parameters()]
    optimizer = torch.optim.Adam(parameters, budget.learning_rate, fused=True)
    batches = [
        batch
        for epoch in range(budget.n_epochs)
        for batch in _shuffled(len(images), seed, epoch).split(budget.batch_size)
    ]
    start = time.perf_counter()
    for step, batch in enumerate(batches):
        if rival.heat is not None:
            estimator.temperature = rival.heat * budget.temperature(step / len(batches))
        optimizer.zero_grad()
        training_loss(model, estimator, rival, images[batch]).backward()
        optimizer.step()
    seconds = (time.perf_counter() - start) / len(batches)
    return Fitted(model, estimator, len(batches), seconds)


def training_loss(model: Vae, estimator: GradientEstimator, rival: Rival, x: Tensor) -> Tensor:
    """Return what is minimised, a mean over the images, in nats."""
    q = model.posterior(x)
    if rival.is_multi_sample:
        return estimator.surrogate(q, lambda z: -model.log_weight(z, x, q)).mean()
    surrogate = estimator.surrogate(q, lambda z: -model.log_likelihood(z, x))
    return (surrogate + kl_divergence(q, model.prior).sum(-1)).mean()


def _shuffled(n: int, seed: int, epoch: int) -> Tensor:
    return torch.randperm(n, generator=torch.Generator().manual_seed(1000 * seed + epoch))


@torch.no_grad()
def evaluate(fitted: Fitted, images: Tensor, n_iwae_images: int) -> dict[str, float]:
    """Return what the model scores on test images, in nats per image, lower is better.

    All but the gap is measured with hard samples of the truncated posterior: the negative ELBO (5
    samples an image, exact KL), and the 100-sample IWAE bound of the first images. The gap is by
    how much hard samples are worse than those that the estimator trains on, at its last
    temperature; there is no gap where it trains on hard samples.
    """
    torch.manual_seed(0)
    model, estimator = fitted.model, fitted.estimator
    rows = []
    for x in images.split(500):
        q = model.posterior(x)
        hard = -model.log_likelihood(q.sample((5,)), x).mean(0)
        kl = kl_divergence(q, model.prior).sum(-1)
        gap = torch.full_like(hard, torch.nan)
        if isinstance(estimator, PathwiseEstimator):
            gap = hard + model.log_likelihood(estimator.sample(q), x)[0]
        rows.append(torch.stack([hard + kl, kl, gap], 1))
    nelbo, kl, gap = torch.cat(rows).mean(0).tolist()
    bounds = [iwae(model, x) for x in images[:n_iwae_images].split(20)]
    return {"nelbo": nelbo, "iwae": torch.cat(bounds).mean().item(), "kl": kl, "gap": gap}


def iwae(model: Vae, x: Tensor, n_samples: int = 100) -> Tensor:
    """Return the importance-weighted bound on -log p(x) of each image, in nats."""
    q = model.posterior(x)
    log_weights = model.log_weight(q.sample((n_samples,)), x, q)
    return math.log(n_samples) - log_weights.logsumexp(0)


@torch.no_grad()
def pictures(model: Vae, images: Tensor) -> Tensor:
    """Return 3 decoded prior samples and the reconstructions of the first 2 images, as pixels."""
    torch.manual_seed(0)
    z = torch.cat([model.prior.sample((3,)), model.posterior(images[:2]).sample()])
    return model.pixel_logits(z).sigmoid()
