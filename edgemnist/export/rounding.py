"""Rounding the weights of a layer so that the errors that one makes, those after it make good."""

import numpy as np
from numpy.typing import NDArray

_DAMPING = 0.01
"""Of the mean of the moments' diagonal, added to it: inputs that are always 0 have no moments of their own."""


def round_jointly(weight: NDArray[np.float64], moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """`weight` (out, K) rounded to integers so that the layer's outputs change little, not each weight by itself.

    `moments` (K, K) are the second moments of the layer's inputs; where these are uncorrelated this is plain rounding.
    One weight of each output is rounded after the other, and what is left to round takes over its error as well as
    it can.

    Source: E. Frantar, S. Ashkboos, T. Hoefler, D. Alistarh, "GPTQ: Accurate Post-Training Quantization for
    Generative Pre-trained Transformers" (2022), section 3, in blocks of one.
    """
    size = len(moments)
    damped = moments + max(_DAMPING * float(moments.diagonal().mean()), np.finfo(np.float64).tiny) * np.eye(size)
    # Row k of the upper factor of the inverse: how the weights from k on follow the k-th, up to a factor.
    follow = np.linalg.cholesky(np.linalg.inv(damped)).T
    left = weight.copy()
    for k in range(size):
        error = np.rint(left[:, k]) - left[:, k]
        left[:, k] += error
        left[:, k + 1 :] += np.outer(error / follow[k, k], follow[k, k + 1 :])
    return np.rint(left)
