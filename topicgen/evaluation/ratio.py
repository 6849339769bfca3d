"""The ratio of two sums over documents, such as likelihoods to tokens, and its error."""

import numpy as np
from numpy.typing import NDArray


def ratio_of_sums(values: NDArray[np.float64], sizes: NDArray[np.float64]) -> tuple[float, float]:
    """Return r = sum_d v_d / sum_d N_d and its standard error over documents.

    With n documents of mean size M, s.e. = sqrt(sum_d (v_d - r N_d)^2 / (n (n - 1))) / M; NaN
    for a single document.

    Args:
        values: v, (documents,).
        sizes: N, (documents,), above 0.

    Source: Cochran (1977), section 6.4.

    Example:
        >>> ratio_of_sums(np.array([3.0, 1.0]), np.array([1.0, 1.0]))
        (2.0, 1.0)
    """
    ratio = values.sum() / sizes.sum()
    return float(ratio), error_of_mean(values - ratio * sizes) / float(sizes.mean())


def error_of_mean(deviations: NDArray[np.float64]) -> float:
    """Return the standard error of a mean from the deviations; NaN for a single value."""
    n = deviations.size
    return float(np.sqrt((deviations**2).sum() / (n * (n - 1)))) if n > 1 else np.nan
