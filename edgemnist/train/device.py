"""Where torch computes."""

import torch

from edgemnist.errors import UsageError

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str) -> torch.device:
    """The device of that name; `auto` is the fastest that this machine has.

    Raises:
        UsageError: no such device here, or no such word.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, here in present.items() if here))
    if name not in present:
        raise UsageError(f"unknown device '{name}': must be one of {', '.join(DEVICES)}")
    if not present[name]:
        raise UsageError(
            f"this machine has no '{name}' device that torch {torch.__version__} can use: try --device auto"
        )
    return torch.device(name)


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bf16 faster than float32; a CPU without such instructions is eight times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):  # older versions of torch cannot tell
        return False
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
