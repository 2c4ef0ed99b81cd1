import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from edgemnist.train.network import DigitCnn, images_to_inputs, images_to_tensor, new_network

Array = NDArray[np.float64]


def lived_in_network() -> DigitCnn:
    """A network whose BatchNorm has random scale, shift, mean and variance, as after training."""
    network = new_network(0)
    generator = torch.Generator().manual_seed(1)
    for norm in (network.bn1, network.bn2):
        for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
            assert tensor is not None
            tensor.data.uniform_(0.2, 2, generator=generator)
        norm.weight.data[::3] *= -1
    return network.eval()


def test_every_layer_has_the_specified_shape_and_count() -> None:
    shapes = {name: tuple(parameter.shape) for name, parameter in DigitCnn().named_parameters()}
    assert shapes == {
        "conv1.weight": (32, 1, 3, 3),
        "conv1.bias": (32,),
        "bn1.weight": (32,),
        "bn1.bias": (32,),
        "conv2.weight": (64, 32, 3, 3),
        "conv2.bias": (64,),
        "bn2.weight": (64,),
        "bn2.bias": (64,),
        "dense1.weight": (128, 3136),
        "dense1.bias": (128,),
        "dense2.weight": (10, 128),
        "dense2.bias": (10,),
    }
    counts = {
        layer: sum(parameter.numel() for parameter in module.parameters())
        for layer, module in DigitCnn().named_children()
    }
    assert counts == {"conv1": 320, "bn1": 64, "conv2": 18_496, "bn2": 128, "dense1": 401_536, "dense2": 1_290}
    assert sum(counts.values()) == 421_834


def test_every_map_has_the_specified_shape() -> None:
    network, shapes = DigitCnn().eval(), {}
    for name, module in network.named_children():
        module.register_forward_hook(lambda _, inputs, output, name=name: shapes.update({name: tuple(output.shape)}))
    assert network(torch.zeros(5, 1, 28, 28)).shape == (5, 10)
    assert shapes == {
        "conv1": (5, 32, 28, 28),
        "bn1": (5, 32, 28, 28),
        "conv2": (5, 64, 14, 14),
        "bn2": (5, 64, 14, 14),
        "dense1": (5, 128),
        "dense2": (5, 10),
    }


def test_pooling_before_relu_is_the_specified_order_bit_for_bit() -> None:
    network = lived_in_network()
    inputs = torch.rand(8, 1, 28, 28)
    maps = F.max_pool2d(F.relu(network.bn1(network.conv1(inputs))), 2, stride=2)
    maps = F.max_pool2d(F.relu(network.bn2(network.conv2(maps))), 2, stride=2)
    logits = network.dense2(F.relu(network.dense1(torch.flatten(maps, 1))))
    assert torch.equal(network(inputs), logits)


def test_network_matches_numpy() -> None:
    network = lived_in_network()
    inputs = torch.rand(4, 1, 28, 28)
    state = {name: tensor.double().numpy() for name, tensor in network.state_dict().items()}
    maps = inputs.double().numpy()
    for conv, norm in (("conv1", "bn1"), ("conv2", "bn2")):
        maps = convolve(maps, state[f"{conv}.weight"], state[f"{conv}.bias"])
        mean, variance = channels(state[f"{norm}.running_mean"]), channels(state[f"{norm}.running_var"])
        maps = (maps - mean) / np.sqrt(variance + 1e-5)
        maps = np.maximum(maps * channels(state[f"{norm}.weight"]) + channels(state[f"{norm}.bias"]), 0)
        count, depth, height, width = maps.shape
        maps = maps.reshape(count, depth, height // 2, 2, width // 2, 2).max((3, 5))
    hidden = np.maximum(maps.reshape(4, -1) @ state["dense1.weight"].T + state["dense1.bias"], 0)
    logits = hidden @ state["dense2.weight"].T + state["dense2.bias"]
    with torch.no_grad():
        assert np.abs(network(inputs).numpy() - logits).max() < 1e-5 * np.abs(logits).max()


def convolve(maps: Array, weight: Array, bias: Array) -> Array:
    padded = np.pad(maps, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", windows, weight, optimize=True) + channels(bias)


def channels(values: Array) -> Array:
    return values.reshape(1, -1, 1, 1)


def test_maps_lie_channels_last_in_memory() -> None:
    network = DigitCnn()
    maps = network.conv1(torch.zeros(2, 1, 28, 28))
    assert maps.is_contiguous(memory_format=torch.channels_last)
    assert network.conv2(F.max_pool2d(maps, 2)).is_contiguous(memory_format=torch.channels_last)


def test_new_network_depends_on_its_seed_alone() -> None:
    before = torch.random.get_rng_state()
    first, second, other = (new_network(seed).state_dict() for seed in (0, 0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


def test_images_become_inputs_between_0_and_1() -> None:
    images = np.arange(256, dtype=np.uint8).repeat(49).reshape(16, 28, 28)
    images.flags.writeable = False
    tensor = images_to_tensor(images, torch.device("cpu"))
    assert (tensor.shape, tensor.dtype) == ((16, 1, 28, 28), torch.uint8)
    inputs = images_to_inputs(tensor)
    assert np.array_equal(inputs.numpy().reshape(-1), images.reshape(-1).astype(np.float32) / 255)
