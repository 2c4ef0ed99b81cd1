"""Is this machine fit to run edgemnist, and what to type if it is not.

Nothing but the standard library, and nothing newer than Python 3.7: on an outdated system nothing can be
installed, so this one file also runs alone, as `python3 doctor.py`, and the installer of a bundle runs it before it
changes anything. `read_machine` only looks and `examine` only judges, so tests judge machines that they made up.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

# Linux wheels of onnxruntime 1.31 and 1.32: CPython 3.11 to 3.14, manylinux_2_28. None for 32-bit ARM, none for musl:
# there numpy runs the int8 models, and numpy and Pillow come from the system.
MIN_PYTHON = (3, 11)
MAX_PYTHON = (3, 14)
MIN_GLIBC = (2, 28)
WHEEL_MACHINES = ("aarch64", "x86_64")
ENGINE = "onnxruntime"
PACKAGES = ("numpy", ENGINE, "pillow", "platformdirs", "typer")
OF_THE_SYSTEM = ("numpy", "pillow")
APT_LINE = "type: sudo apt install python3-numpy python3-pil libopenblas0"
"""Without libopenblas0 Debian's numpy multiplies matrices by plain loops: 3.4 times the instructions."""
APK_LINE = "type: apk add python3 py3-numpy py3-pillow"

LOW_MEMORY_MB = 100
"""One int8 answer takes up to 84 MB (`make arm64`, peak memory); with less the system drops files and reads again."""
HOT_C = 80
"""A Raspberry Pi lowers its clock from 80 degrees Celsius on."""
FAIL_EXIT_CODE = 3

CPU_PARTS = {
    "0xb76": "ARM1176",
    "0xc07": "Cortex-A7",
    "0xd03": "Cortex-A53",
    "0xd08": "Cortex-A72",
    "0xd0b": "Cortex-A76",
}
"""`CPU part` of /proc/cpuinfo for the boards from the first Raspberry Pi to the Pi 5; 0xd.. are 64-bit CPUs."""
DOT_PRODUCT_FLAGS = ("asimddp", "avx512_vnni", "avx_vnni")
THROTTLE_FLAGS = {0: "under-voltage", 1: "frequency capped", 2: "throttled", 3: "soft temperature limit"}
"""Bits of `vcgencmd get_throttled`: now; the same 16 bits higher: since the start."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    status: str
    """`ok`, `warn` (it works, not at its best) or `fail` (it cannot work)."""
    found: str
    advice: str = ""
    """What to do or type; empty when there is nothing to do."""


@dataclass(frozen=True)
class Machine:
    """What `read_machine` saw; an empty text means that this machine does not show it."""

    system: str
    """`Linux`, `Darwin`, `Windows`."""
    kernel: str
    """The kernel's machine name; `aarch64` even under a 32-bit userland."""
    pointer_bits: int
    """32 or 64: of this Python, thus of the userland."""
    implementation: str
    python: tuple[int, int, int]
    libc: str
    """`glibc 2.36`; empty for any other C library."""
    packages: tuple[tuple[str, str], ...]
    """Those of `PACKAGES` that this Python has, with their versions."""
    board: str
    cpuinfo: str
    meminfo: str
    temperatures: tuple[str, ...]
    """Thousandths of a degree Celsius, one for each thermal zone."""
    throttled: str
    """The answer of `vcgencmd get_throttled`."""
    governor: str
    governor_driver: str
    cache: str
    """The folder of the cache."""
    cache_problem: str
    """Why it cannot be written; empty when it can."""
    models: tuple[tuple[str, bytes], ...] | None
    """Names and contents of the models that ship; None when this file runs alone."""


def examine(machine: Machine) -> list[Finding]:
    """All findings about a machine; things that it does not show are left out."""
    return [finding for judge in _JUDGES for finding in judge(machine)]


def exit_code(findings: Iterable[Finding]) -> int:
    """0, or 3 when a finding is `fail`."""
    return FAIL_EXIT_CODE if any(finding.status == "fail" for finding in findings) else 0


def render(findings: list[Finding], form: str) -> Iterator[str]:
    """Lines to print: `table`, with the advice below its finding, or `json`, one object a line."""
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        if form == "json":
            yield json.dumps(asdict(finding))
            continue
        yield f"{finding.status:<4}  {finding.name:<{width}}  {finding.found}"
        if finding.advice:
            yield f"{'':<4}  {'':<{width}}  -> {finding.advice}"


# ---- judging


def _system(machine: Machine) -> Iterator[Finding]:
    if machine.pointer_bits == 64:
        yield Finding("system", "ok", f"64-bit {machine.system} ({machine.kernel})")
        return
    userland = "32-bit userland on a 64-bit kernel" if "64" in machine.kernel else "32-bit system"
    part = _cpu_part(machine)
    if part and not part.startswith("0xd"):
        yield Finding("system", "ok", f"{userland} ({machine.kernel}); {CPU_PARTS.get(part, 'this CPU')} has no other")
        return
    found = f"{userland} ({machine.kernel}); it works, more slowly than a 64-bit one with onnxruntime"
    advice = "write 'Raspberry Pi OS Lite (64-bit)' to the card with Raspberry Pi Imager; check: getconf LONG_BIT"
    yield Finding("system", "warn", found, advice)


def _python(machine: Machine) -> Iterator[Finding]:
    found = f"{machine.implementation} {'.'.join(map(str, machine.python))}"
    if machine.implementation != "CPython":
        yield Finding("python", "fail", found, "only CPython has wheels; type: sudo apt install python3")
    elif machine.python[:2] < MIN_PYTHON:
        advice = "3.11 or newer is needed, as Raspberry Pi OS has since bookworm: write a current one to the card"
        yield Finding("python", "fail", found, advice)
    elif machine.python[:2] > MAX_PYTHON:
        advice = "onnxruntime may have no wheel for it yet; type: pip download --no-deps onnxruntime"
        yield Finding("python", "warn", found, advice)
    else:
        yield Finding("python", "ok", found)


def _wheels(machine: Machine) -> Iterator[Finding]:
    if machine.system != "Linux":
        return
    installed = dict(machine.packages)
    missing = [name for name in PACKAGES if name not in installed and name != ENGINE]
    of_the_system = [name for name in missing if name in OF_THE_SYSTEM]
    if not missing:
        yield Finding("wheels", "ok", f"installed: {', '.join(' '.join(pair) for pair in machine.packages)}")
    elif not _has_wheels(machine) and of_the_system:
        found = f"onnxruntime has none for {_place(machine)}; not installed: {', '.join(of_the_system)}"
        yield Finding("wheels", "fail", found, APT_LINE if machine.libc else APK_LINE)
    elif machine.models is not None:
        yield Finding("wheels", "fail", f"not installed: {', '.join(missing)}", "type: pip install edgemnist")
    elif _has_wheels(machine):
        yield Finding("wheels", "ok", f"exist for {_place(machine)}")
    else:
        yield Finding("wheels", "ok", "numpy and Pillow are the system's")


def _engine(machine: Machine) -> Iterator[Finding]:
    """What would run the models, where that is known."""
    installed = dict(machine.packages)
    if ENGINE in installed:
        yield Finding("engine", "ok", f"{ENGINE} {installed[ENGINE]}")
    elif "numpy" not in installed:
        return
    elif machine.system == "Linux" and not _has_wheels(machine):
        found = f"numpy {installed['numpy']}, int8 alone; onnxruntime has no wheel for {_place(machine)}"
        yield Finding("engine", "ok", found)
    elif machine.models is not None:
        found = f"numpy {installed['numpy']}, int8 alone and more slowly; onnxruntime is not installed"
        yield Finding("engine", "warn", found, "type: pip install onnxruntime")


def _has_wheels(machine: Machine) -> bool:
    """Whether onnxruntime has wheels for this Linux."""
    glibc = re.fullmatch(r"glibc (\d+)\.(\d+).*", machine.libc)
    new_enough = glibc is not None and tuple(map(int, glibc.groups())) >= MIN_GLIBC
    return machine.pointer_bits == 64 and machine.kernel in WHEEL_MACHINES and new_enough


def _place(machine: Machine) -> str:
    bits = "" if machine.pointer_bits == 64 else "32-bit "
    return f"{bits}{machine.kernel} with {machine.libc or 'a C library other than glibc'}"


def _cpu(machine: Machine) -> Iterator[Finding]:
    if not machine.cpuinfo:
        return
    cores = len(re.findall(r"^processor\s*:", machine.cpuinfo, re.MULTILINE))
    part = _cpu_part(machine)
    model = CPU_PARTS.get(part, part) or _field(machine.cpuinfo, "model name") or machine.kernel
    flags = (_field(machine.cpuinfo, "Features") or _field(machine.cpuinfo, "flags")).split()
    dot_products = next((flag for flag in DOT_PRODUCT_FLAGS if flag in flags), "")
    found = f"{cores} x {model}, " + (f"int8 dot products ({dot_products})" if dot_products else "no int8 dot products")
    yield Finding("cpu", "ok", f"{machine.board}, {found}" if machine.board else found)


def _memory(machine: Machine) -> Iterator[Finding]:
    total, available = (_field(machine.meminfo, key).split() for key in ("MemTotal", "MemAvailable"))
    if not total or not available:
        return
    free_mb = int(available[0]) // 1024
    found = f"{free_mb:,} of {int(total[0]) // 1024:,} MB available"
    if free_mb < LOW_MEMORY_MB:
        advice = "stop what is not needed; type: ps -eo rss,comm --sort=-rss | head"
        yield Finding("memory", "warn", found, advice)
    else:
        yield Finding("memory", "ok", found)


def _temperature(machine: Machine) -> Iterator[Finding]:
    zones = [int(text) for text in machine.temperatures if text.lstrip("-").isdecimal()]
    if not zones:
        return
    hottest = max(zones) / 1000
    if hottest >= HOT_C:
        advice = f"it slows down from {HOT_C} °C on: add a heat sink or a fan; watch: vcgencmd measure_temp"
        yield Finding("temperature", "warn", f"{hottest:.1f} °C", advice)
    else:
        yield Finding("temperature", "ok", f"{hottest:.1f} °C")


def _power(machine: Machine) -> Iterator[Finding]:
    answer = re.fullmatch(r"throttled=(0x[0-9a-fA-F]+)", machine.throttled)
    if not answer:
        return
    bits = int(answer.group(1), 16)
    now = [name for bit, name in THROTTLE_FLAGS.items() if bits >> bit & 1]
    before = [name for bit, name in THROTTLE_FLAGS.items() if bits >> (bit + 16) & 1 and name not in now]
    parts = [f"now: {', '.join(now)}"] * bool(now) + [f"since the start: {', '.join(before)}"] * bool(before)
    if not parts:
        yield Finding("power", "ok", "no under-voltage and no throttling since the start")
        return
    weak = THROTTLE_FLAGS[0] in now + before
    cure = "use the official power supply and a short cable" if weak else "add a heat sink or a fan"
    yield Finding("power", "warn", "; ".join(parts), f"{cure}, start again, then type: vcgencmd get_throttled")


def _governor(machine: Machine) -> Iterator[Finding]:
    if not machine.governor:
        return
    # The governor that intel_pstate and amd-pstate call powersave does raise the clock under load.
    if machine.governor == "powersave" and "pstate" not in machine.governor_driver:
        advice = "type: echo ondemand | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
        yield Finding("governor", "warn", "powersave: the clock stays at its lowest", advice)
    else:
        yield Finding("governor", "ok", machine.governor)


def _cache(machine: Machine) -> Iterator[Finding]:
    if machine.cache_problem:
        advice = "only MNIST is kept there; choose another folder: export XDG_CACHE_HOME=DIR"
        yield Finding("cache", "warn", f"{machine.cache} cannot be written: {machine.cache_problem}", advice)
    elif machine.cache:
        yield Finding("cache", "ok", f"{machine.cache} can be written")


def _models(machine: Machine) -> Iterator[Finding]:
    if machine.models is None:
        return
    advice = "install edgemnist again: from its bundle, or type: pip install --force-reinstall --no-deps edgemnist"
    if not machine.models:
        yield Finding("model", "fail", "the models that ship are not there", advice)
    for name, content in machine.models:
        if is_whole(content):
            yield Finding("model", "ok", f"{name} is whole ({len(content):,} bytes)")
        else:
            yield Finding("model", "fail", f"{name} is damaged: altered or cut short after its export", advice)


_JUDGES: tuple[Callable[[Machine], Iterator[Finding]], ...] = (
    _system,
    _python,
    _wheels,
    _engine,
    _cpu,
    _memory,
    _temperature,
    _power,
    _governor,
    _cache,
    _models,
)


def is_whole(content: bytes) -> bool:
    """Whether a model's content has the digest that it records: `edgemnist.model.digest` in five lines.

    That module brings numpy, which may be the very thing that is broken here, and a bare file has no package. A test
    holds the two together.
    """
    marker = b"edgemnist.sha256\x12\x40"
    before, found, after = content.partition(marker)
    zeroed = before + marker + b"0" * 64 + after[64:]
    return bool(found) and marker not in after and hashlib.sha256(zeroed).hexdigest().encode() == after[:64]


def _cpu_part(machine: Machine) -> str:
    return _field(machine.cpuinfo, "CPU part")


def _field(text: str, key: str) -> str:
    """The value behind the first `key :` of a file in /proc; empty when there is none."""
    line = re.search(rf"^{key}[ \t]*:(.*)$", text, re.MULTILINE)
    return line.group(1).strip() if line else ""


# ---- looking


def read_machine(root: Path = Path("/")) -> Machine:
    """What this machine shows; `root` is where its /proc and /sys are."""
    cpufreq = root / "sys/devices/system/cpu/cpu0/cpufreq"
    cache = _cache_folder() if platform.system() == "Linux" else None
    return Machine(
        system=platform.system(),
        kernel=platform.machine(),
        pointer_bits=64 if sys.maxsize > 2**32 else 32,
        implementation=platform.python_implementation(),
        python=sys.version_info[:3],
        libc=_libc(),
        packages=tuple(_installed()),
        board=_text(root / "proc/device-tree/model"),
        cpuinfo=_text(root / "proc/cpuinfo"),
        meminfo=_text(root / "proc/meminfo"),
        temperatures=tuple(_text(zone) for zone in sorted(root.glob("sys/class/thermal/thermal_zone*/temp"))),
        throttled=_ask("vcgencmd", "get_throttled"),
        governor=_text(cpufreq / "scaling_governor"),
        governor_driver=_text(cpufreq / "scaling_driver"),
        cache=str(cache or ""),
        cache_problem=_write_problem(cache) if cache else "",
        models=_shipped_models(Path(__file__).resolve().parent.parent),
    )


def _content(path: Path) -> bytes:
    """What a file holds; empty when it cannot be read, be it missing or on a broken card."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _text(path: Path) -> str:
    return _content(path).decode(errors="replace").strip("\0\n ")


def _libc() -> str:
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, OSError, ValueError):
        return ""


def _installed() -> Iterator[tuple[str, str]]:
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:  # Python 3.7
        return
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _ask(*command: str) -> str:
    """The answer of a program; empty where it is missing, fails or hangs."""
    program = shutil.which(command[0])
    if not program:
        return ""
    try:
        done = subprocess.run([program, *command[1:]], stdout=subprocess.PIPE, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip()


def _cache_folder() -> Path:
    """Where `platformdirs` puts the cache on Linux."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path.home() can raise
    return Path(base) / "edgemnist"


def _write_problem(folder: Path) -> str:
    """Why nothing can be written below `folder`, found out by writing; empty when it can."""
    try:
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryFile(dir=str(nearest)) as file:
            file.write(b"edgemnist")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _shipped_models(package: Path) -> tuple[tuple[str, bytes], ...] | None:
    if not (package / "model" / "contract.py").is_file():
        return None
    folders = (package / "models", package.parent / "exports")
    paths = next((found for found in (sorted(folder.glob("edgemnist-*.onnx")) for folder in folders) if found), [])
    return tuple((path.name, _content(path)) for path in paths)


def main(arguments: list[str] | None = None) -> int:
    """The exit code after printing the findings: the command line of the bare file."""
    parser = argparse.ArgumentParser(prog="doctor.py", description="Is this machine fit to run edgemnist?")
    parser.add_argument("--format", choices=("table", "json"), default="table", dest="form")
    form: str = parser.parse_args(arguments).form
    findings = examine(read_machine())
    for line in render(findings, form):
        sys.stdout.write(line + "\n")
    return exit_code(findings)


if __name__ == "__main__":
    sys.exit(main())
