"""The state of the processor while something is timed: temperature, clock, and whether it is held back."""

import re
from dataclasses import dataclass
from pathlib import Path

from edgemnist.device.doctor import THROTTLE_FLAGS, Machine, read_machine


@dataclass(frozen=True)
class Condition:
    """What the machine shows at one moment; None or empty for what it does not show."""

    temperature_c: float | None
    """The hottest thermal zone."""
    frequency_mhz: float | None
    """The fastest core's clock."""
    throttled_now: tuple[str, ...]
    """Names of the flags that a Raspberry Pi raises while it holds the processor back."""
    throttled_before: tuple[str, ...]
    """Those that it raised at any time since its start."""


def read_condition(root: Path = Path("/")) -> Condition:
    """The condition of this machine now; `root` is where its /sys is."""
    clocks = root.glob("sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq")
    return condition(read_machine(root), [path.read_text().strip() for path in clocks])


def condition(machine: Machine, clocks_khz: list[str]) -> Condition:
    """What `machine` and the clocks of its cores say."""
    zones = [int(text) for text in machine.temperatures if text.lstrip("-").isdecimal()]
    clocks = [int(text) for text in clocks_khz if text.isdecimal()]
    answer = re.fullmatch(r"throttled=(0x[0-9a-fA-F]+)", machine.throttled)
    bits = int(answer.group(1), 16) if answer else 0
    return Condition(
        temperature_c=max(zones) / 1000 if zones else None,
        frequency_mhz=max(clocks) / 1000 if clocks else None,
        throttled_now=tuple(name for bit, name in THROTTLE_FLAGS.items() if bits >> bit & 1),
        throttled_before=tuple(name for bit, name in THROTTLE_FLAGS.items() if bits >> (bit + 16) & 1),
    )


def throttled_between(before: Condition, after: Condition) -> tuple[str, ...]:
    """The flags that were up at either moment or were raised between them: times taken meanwhile are worth nothing."""
    raised = set(before.throttled_now) | set(after.throttled_now)
    raised |= set(after.throttled_before) - set(before.throttled_before)
    return tuple(name for name in THROTTLE_FLAGS.values() if name in raised)
