"""BatchNorm folded into the convolutions: against torch, and against numpy by hand."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from edgemnist.export.classifier import fold_network
from edgemnist.export.fold import fold_batchnorm
from edgemnist.export.graph import Deployed

LOGIT_TOLERANCE = 1e-4
"""Max abs diff between the folded and the unfolded network in float32; measured 4.8e-7 with random BatchNorm."""
FLOAT64_TOLERANCE = 1e-12
"""Relative; both sides in float64, measured 3e-15."""


def unfolded(network, images):
    with torch.inference_mode():
        return network(images.float() / 255).numpy()


@pytest.fixture
def images():
    return torch.randint(0, 256, (64, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def test_folded_network_matches_unfolded_logits(wild_network, images):
    with torch.inference_mode():
        _, logits = Deployed(fold_network(wild_network))(images)
    assert np.abs(logits.numpy() - unfolded(wild_network, images)).max() <= LOGIT_TOLERANCE


@pytest.mark.parametrize("statistic", ["running_mean", "running_var", "weight", "bias"])
@pytest.mark.parametrize("layer", ["bn1", "bn2"])
def test_a_fold_that_ignores_any_statistic_is_found_out(wild_network, images, layer, statistic):
    """The control: fold with one statistic at its default, and the logits must be far off."""
    reference = unfolded(wild_network, images)
    getattr(getattr(wild_network, layer), statistic).data.fill_(1.0 if statistic in ("running_var", "weight") else 0.0)
    with torch.inference_mode():
        _, logits = Deployed(fold_network(wild_network))(images)
    assert np.abs(logits.numpy() - reference).max() > 100 * LOGIT_TOLERANCE


def test_folded_weights_are_the_formula_by_hand(wild_network):
    conv, bn = wild_network.conv2, wild_network.bn2
    folded = fold_batchnorm(conv, bn)
    weight, bias = folded.weight, folded.bias
    for channel in (0, 17, 63):
        factor = bn.weight[channel].item() / (bn.running_var[channel].item() + bn.eps) ** 0.5
        np.testing.assert_allclose(
            weight[channel], conv.weight[channel].detach().double().numpy() * factor, rtol=FLOAT64_TOLERANCE
        )
        expected = (conv.bias[channel].item() - bn.running_mean[channel].item()) * factor + bn.bias[channel].item()
        assert bias[channel] == pytest.approx(expected, rel=FLOAT64_TOLERANCE)


def test_fold_uses_the_epsilon_of_the_layer(wild_network):
    conv, bn = wild_network.conv1, wild_network.bn1
    bn.eps = 0.5
    folded = fold_batchnorm(conv, bn)
    weight, bias = folded.weight, folded.bias
    generator = torch.Generator().manual_seed(3)
    inputs = torch.rand(2, 1, 9, 9, generator=generator, dtype=torch.float64)
    double = conv.double(), bn.double()
    with torch.inference_mode():
        maps = double[1](F.conv2d(inputs, double[0].weight, double[0].bias))
        answers = F.conv2d(inputs, torch.from_numpy(weight), torch.from_numpy(bias))
    np.testing.assert_allclose(answers.numpy(), maps.numpy(), rtol=FLOAT64_TOLERANCE, atol=FLOAT64_TOLERANCE)


def test_dense_layers_are_taken_as_they_are(wild_network):
    numbers = fold_network(wild_network).numbers
    np.testing.assert_array_equal(numbers["dense1"].weight, wild_network.dense1.weight.detach().numpy())
    np.testing.assert_array_equal(numbers["dense2"].bias, wild_network.dense2.bias.detach().numpy())
