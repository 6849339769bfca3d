"""Adam, with a state that is named by parameter."""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.optim.adam import adam

_EPSILON = 1e-8


class Adam:
    r"""Steps down the gradients of named parameters (Kingma and Ba, 2015).

    The steps are those of ``torch.optim.Adam``, taken by the same function. That class imports
    torch's compiler when it is made, which takes a second in every process.

    Args:
        parameters: what to move, by name.
        betas: the decay of the two moments.

    Attributes:
        state: the tensors ``name.step``, ``name.exp_avg`` and ``name.exp_avg_sq`` of each
            parameter; empty before the first step.

    Example:
        >>> x = torch.tensor([3.0], requires_grad=True)
        >>> optimizer = Adam({"x": x})
        >>> for _ in range(200):
        ...     optimizer.zero_grad()
        ...     x.square().sum().backward()
        ...     optimizer.step(0.1)
        >>> abs(x.item()) < 0.01
        True
    """

    def __init__(
        self, parameters: Mapping[str, Tensor], betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.parameters = dict(parameters)
        self.betas = betas
        self.state: dict[str, Tensor] = {}

    def zero_grad(self) -> None:
        """Forget the gradients of the last step."""
        for parameter in self.parameters.values():
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float | Tensor) -> None:
        """Take a step at this learning rate, a number or a tensor of shape ()."""
        if not self.parameters:
            return
        if not self.state:
            self._start()
        moved = {name: p for name, p in self.parameters.items() if p.grad is not None}
        adam(
            list(moved.values()),
            [parameter.grad for parameter in moved.values() if parameter.grad is not None],
            self._entries("exp_avg", moved),
            self._entries("exp_avg_sq", moved),
            [],
            self._entries("step", moved),
            # In one pass. On a GPU the steps are counted there, and a rate that is a tensor is read
            # there, so that all of it can be replayed.
            fused=True,
            capturable=self._is_on_gpu,
            amsgrad=False,
            beta1=self.betas[0],
            beta2=self.betas[1],
            lr=rate,
            weight_decay=0.0,
            eps=_EPSILON,
            maximize=False,
        )

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take over copies of the state of another optimizer of these parameters.

        Raises:
            KeyError: where an entry is missing.
            ValueError: where an entry is of another shape than its parameter.
        """
        loaded: dict[str, Tensor] = {}
        for name, parameter in self.parameters.items() if state else ():
            step = state[f"{name}.step"].detach().clone()
            loaded[f"{name}.step"] = step.to(parameter.device if self._is_on_gpu else "cpu")
            for entry in (f"{name}.exp_avg", f"{name}.exp_avg_sq"):
                if state[entry].shape != parameter.shape:
                    raise ValueError(
                        f"{entry} is of shape {tuple(state[entry].shape)} and its parameter of "
                        f"{tuple(parameter.shape)}; load the state of an optimizer of this model"
                    )
                loaded[entry] = state[entry].detach().to(parameter, copy=True)
        self.state = loaded

    @property
    def _is_on_gpu(self) -> bool:
        return all(parameter.is_cuda for parameter in self.parameters.values())

    def _start(self) -> None:
        for name, parameter in self.parameters.items():
            device = parameter.device if self._is_on_gpu else "cpu"
            self.state[f"{name}.step"] = torch.zeros((), dtype=torch.float32, device=device)
            for entry in ("exp_avg", "exp_avg_sq"):
                self.state[f"{name}.{entry}"] = torch.zeros_like(parameter)

    def _entries(self, entry: str, names: Mapping[str, Tensor]) -> list[Tensor]:
        """Return one entry of each parameter, the moments of its type and on its device."""
        for name, parameter in names.items() if entry != "step" else ():
            self.state[f"{name}.{entry}"] = self.state[f"{name}.{entry}"].to(parameter)
        return [self.state[f"{name}.{entry}"] for name in names]
