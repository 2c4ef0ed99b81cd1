import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from edgemnist.train.norm_pool import normalize_and_pool


def random_norm(channels: int, lowest: float = 0.2) -> nn.BatchNorm2d:
    norm = nn.BatchNorm2d(channels)
    nn.init.uniform_(norm.weight, lowest, 2)
    nn.init.uniform_(norm.bias, -1, 1)
    nn.init.uniform_(norm.running_mean, -1, 1)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    return norm


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def both_ways(maps: Tensor, norm: nn.BatchNorm2d) -> tuple[list[Tensor], list[Tensor]]:
    """Output, gradients and statistics of ours and of torch's two layers."""
    results = []
    for layer in (normalize_and_pool, lambda maps, norm: F.max_pool2d(norm(maps), 2)):
        inputs, own = maps.detach().clone().requires_grad_(), copy.deepcopy(norm)
        outputs = layer(inputs, own)
        torch.manual_seed(1)
        (outputs * torch.randn_like(outputs)).sum().backward()
        gradients = [inputs.grad, own.weight.grad, own.bias.grad]
        results.append([outputs, *gradients, own.running_mean, own.running_var, own.num_batches_tracked])
    return results[0], results[1]


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_training_matches_the_two_layers_of_torch(layout: torch.memory_format) -> None:
    maps = (3 * torch.randn(16, 8, 12, 10) + 1).to(memory_format=layout)
    for ours, theirs in zip(*both_ways(maps, random_norm(8)), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_ties_within_a_window_go_to_the_same_pixel_as_in_torch() -> None:
    maps = torch.randint(0, 3, (8, 4, 8, 8)).float().to(memory_format=torch.channels_last)
    for ours, theirs in zip(*both_ways(maps, random_norm(4)), strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5)


def test_gradient_matches_finite_differences() -> None:
    norm = random_norm(3).double()
    maps = torch.randn(4, 3, 6, 6, dtype=torch.double).to(memory_format=torch.channels_last).requires_grad_()

    def layer(maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        fresh = nn.BatchNorm2d(3).double()
        del fresh.weight, fresh.bias
        fresh.weight, fresh.bias = weight, bias
        return normalize_and_pool(maps, fresh)

    assert torch.autograd.gradcheck(layer, (maps, norm.weight, norm.bias))


def test_scales_that_are_not_positive_are_pooled_after_normalizing() -> None:
    norm = random_norm(6)
    norm.weight.data[2], norm.weight.data[4] = -0.7, 0.0
    for ours, theirs in zip(*both_ways(torch.randn(4, 6, 8, 8), norm), strict=True):
        assert torch.equal(ours, theirs)


def test_eval_mode_is_torch_itself() -> None:
    norm, maps = random_norm(5).eval(), torch.randn(2, 5, 4, 4)
    assert torch.equal(normalize_and_pool(maps, norm), F.max_pool2d(norm(maps), 2))
