import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from edgemnist.device import doctor
from edgemnist.device.doctor import Finding, Machine, examine, exit_code, read_machine, render
from edgemnist.errors import CheckError, ModelError
from edgemnist.model import digest
from edgemnist.model.opened import default_model
from edgemnist.process import main as run_cli

DOCTOR = Path(doctor.__file__)


def cpuinfo(part: str, features: str, cores: int = 4) -> str:
    return "\n".join(
        f"processor\t: {core}\nBogoMIPS\t: 108.00\nFeatures\t: {features}\nCPU part\t: {part}\n"
        for core in range(cores)
    )


WHOLE_MODEL = default_model().read_bytes()
INSTALLED = (("numpy", "2.4"), ("onnxruntime", "1.31"), ("pillow", "13.0"), ("platformdirs", "4.1"), ("typer", "0.29"))
PI_4 = Machine(
    system="Linux",
    kernel="aarch64",
    pointer_bits=64,
    implementation="CPython",
    python=(3, 11, 2),
    libc="glibc 2.36",
    packages=(),
    board="Raspberry Pi 4 Model B Rev 1.4",
    cpuinfo=cpuinfo("0xd08", "fp asimd evtstrm crc32 cpuid"),
    meminfo="MemTotal:        3884360 kB\nMemFree:         1000000 kB\nMemAvailable:    3145728 kB",
    temperatures=("48312",),
    throttled="throttled=0x0",
    governor="ondemand",
    governor_driver="cpufreq-dt",
    cache="/home/pi/.cache/edgemnist",
    cache_problem="",
    models=None,
)
"""Raspberry Pi OS bookworm as it comes, nothing installed yet."""
PI_32 = replace(
    PI_4,
    kernel="armv6l",
    pointer_bits=32,
    packages=(("numpy", "1.24.2"), ("pillow", "9.4.0")),
    board="Raspberry Pi Zero W Rev 1.1",
    cpuinfo=cpuinfo("0xb76", "half thumb", cores=1),
)
"""A Zero W with the apt packages that edgemnist needs there."""


def find(machine: Machine, name: str) -> Finding:
    (finding,) = (finding for finding in examine(machine) if finding.name == name)
    return finding


def failed(machine: Machine) -> list[str]:
    return [finding.name for finding in examine(machine) if finding.status == "fail"]


# ---- judging


def test_fit_raspberry_pi_is_described_line_by_line() -> None:
    assert list(render(examine(PI_4), "table")) == [
        "ok    system       64-bit Linux (aarch64)",
        "ok    python       CPython 3.11.2",
        "ok    wheels       exist for aarch64 with glibc 2.36",
        "ok    cpu          Raspberry Pi 4 Model B Rev 1.4, 4 x Cortex-A72, no int8 dot products",
        "ok    memory       3,072 of 3,793 MB available",
        "ok    temperature  48.3 °C",
        "ok    power        no under-voltage and no throttling since the start",
        "ok    governor     ondemand",
        "ok    cache        /home/pi/.cache/edgemnist can be written",
    ]
    assert exit_code(examine(PI_4)) == 0


def test_what_a_machine_does_not_show_is_left_out() -> None:
    bare = replace(PI_4, cpuinfo="", meminfo="", temperatures=("",), throttled="", governor="", cache="")
    assert [finding.name for finding in examine(bare)] == ["system", "python", "wheels"]


SLOWLY = "it works, more slowly than a 64-bit one with onnxruntime"


@pytest.mark.parametrize(
    ("kernel", "part", "status", "found", "advice"),
    [
        ("aarch64", "0xd08", "warn", f"32-bit userland on a 64-bit kernel (aarch64); {SLOWLY}", "Lite (64-bit)"),
        ("armv7l", "0xd03", "warn", f"32-bit system (armv7l); {SLOWLY}", "Lite (64-bit)"),
        ("armv7l", "0xc07", "ok", "32-bit system (armv7l); Cortex-A7 has no other", ""),
        ("armv6l", "0xb76", "ok", "32-bit system (armv6l); ARM1176 has no other", ""),
    ],
)
def test_32_bit_system_works_and_says_whether_the_board_can_do_better(
    kernel: str, part: str, status: str, found: str, advice: str
) -> None:
    machine = replace(PI_32, kernel=kernel, cpuinfo=cpuinfo(part, "half thumb neon"))
    finding = find(machine, "system")
    assert (finding.status, finding.found) == (status, found)
    assert advice in finding.advice
    assert exit_code(examine(machine)) == 0


def test_32_bit_system_without_numpy_says_what_to_type() -> None:
    machine = replace(PI_32, packages=PI_32.packages[1:])
    finding = find(machine, "wheels")
    assert finding.status == "fail"
    assert finding.found == "onnxruntime has none for 32-bit armv6l with glibc 2.36; not installed: numpy"
    assert finding.advice == "type: sudo apt install python3-numpy python3-pil libopenblas0"
    assert exit_code(examine(machine)) == 3


NONE, NUMPY_IS_MISSING = "onnxruntime has none for", "not installed: numpy, pillow"
OLD_NUMPY = (("numpy", "1.24.2"), ("pillow", "9.4.0"))
NO_WHEEL = "int8 alone; onnxruntime has no wheel for"


@pytest.mark.parametrize(
    ("changes", "status", "found"),
    [
        ({"packages": INSTALLED, "models": ()}, "ok", "onnxruntime 1.31"),
        (
            {"packages": INSTALLED[:1] + INSTALLED[2:], "models": ()},
            "warn",
            "numpy 2.4, int8 alone and more slowly; onnxruntime is not installed",
        ),
        (
            {"packages": OLD_NUMPY, "pointer_bits": 32},
            "ok",
            f"numpy 1.24.2, {NO_WHEEL} 32-bit aarch64 with glibc 2.36",
        ),
        ({"packages": OLD_NUMPY, "kernel": "riscv64"}, "ok", f"numpy 1.24.2, {NO_WHEEL} riscv64 with glibc 2.36"),
        (
            {"packages": OLD_NUMPY, "libc": ""},
            "ok",
            f"numpy 1.24.2, {NO_WHEEL} aarch64 with a C library other than glibc",
        ),
    ],
)
def test_the_engine_is_named(changes: Mapping[str, object], status: str, found: str) -> None:
    finding = find(replace(PI_4, **changes), "engine")
    assert (finding.status, finding.found) == (status, found)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"python": (3, 9, 2)}, "fail"),
        ({"python": (3, 10, 12)}, "fail"),
        ({"python": (3, 11, 0)}, "ok"),
        ({"python": (3, 14, 1)}, "ok"),
        ({"python": (3, 15, 0)}, "warn"),
        ({"implementation": "PyPy"}, "fail"),
    ],
)
def test_python_is_judged_by_the_wheels_there_are(changes: Mapping[str, object], status: str) -> None:
    finding = find(replace(PI_4, **changes), "python")
    assert finding.status == status
    assert bool(finding.advice) == (status != "ok")


@pytest.mark.parametrize(
    ("changes", "status", "found"),
    [
        ({"libc": "glibc 2.27"}, "fail", f"{NONE} aarch64 with glibc 2.27; {NUMPY_IS_MISSING}"),
        ({"libc": "glibc 2.28"}, "ok", "exist for aarch64 with glibc 2.28"),
        ({"libc": "glibc 2.4"}, "fail", f"{NONE} aarch64 with glibc 2.4; {NUMPY_IS_MISSING}"),
        ({"libc": ""}, "fail", f"{NONE} aarch64 with a C library other than glibc; {NUMPY_IS_MISSING}"),
        ({"kernel": "riscv64"}, "fail", f"{NONE} riscv64 with glibc 2.36; {NUMPY_IS_MISSING}"),
        ({"kernel": "riscv64", "packages": OLD_NUMPY}, "ok", "numpy and Pillow are the system's"),
        (
            {"packages": INSTALLED},
            "ok",
            "installed: numpy 2.4, onnxruntime 1.31, pillow 13.0, platformdirs 4.1, typer 0.29",
        ),
        ({"packages": INSTALLED[:3], "models": ()}, "fail", "not installed: platformdirs, typer"),
    ],
)
def test_wheels_are_judged_by_machine_c_library_and_what_is_installed(
    changes: Mapping[str, object], status: str, found: str
) -> None:
    finding = find(replace(PI_4, **changes), "wheels")
    assert (finding.status, finding.found) == (status, found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (cpuinfo("0xd0b", "fp asimd asimddp"), "4 x Cortex-A76, int8 dot products (asimddp)"),
        (cpuinfo("0xd03", "fp asimd", cores=2), "2 x Cortex-A53, no int8 dot products"),
        (cpuinfo("0xd4f", "fp asimd asimddp", cores=1), "1 x 0xd4f, int8 dot products (asimddp)"),
        (
            "processor : 0\nmodel name : Intel N100\nflags : avx2 avx_vnni",
            "1 x Intel N100, int8 dot products (avx_vnni)",
        ),
        ("processor : 0\nmodel name :\nflags : avx2", "1 x aarch64, no int8 dot products"),
    ],
)
def test_cpu_is_named_with_its_dot_products(text: str, found: str) -> None:
    assert find(replace(PI_4, board="", cpuinfo=text), "cpu") == Finding("cpu", "ok", found)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("0x1", "now: under-voltage"),
        ("0x50005", "now: under-voltage, throttled"),
        ("0x20000", "since the start: frequency capped"),
        ("0x80008", "now: soft temperature limit"),
        ("0xe0002", "now: frequency capped; since the start: throttled, soft temperature limit"),
    ],
)
def test_throttling_flags_are_decoded(word: str, found: str) -> None:
    finding = find(replace(PI_4, throttled=f"throttled={word}"), "power")
    assert (finding.status, finding.found) == ("warn", found)
    assert finding.advice.startswith("use the official power supply" if "voltage" in found else "add a heat sink")


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"meminfo": "MemTotal: 436000 kB\nMemAvailable: 90000 kB"}, "memory"),
        ({"temperatures": ("41000", "82500")}, "temperature"),
        ({"governor": "powersave"}, "governor"),
        ({"cache_problem": "Read-only file system"}, "cache"),
    ],
)
def test_what_only_slows_down_is_a_warning(changes: Mapping[str, object], name: str) -> None:
    machine = replace(PI_4, **changes)
    assert find(machine, name).status == "warn"
    assert find(machine, name).advice
    assert exit_code(examine(machine)) == 0


def test_powersave_of_intel_and_amd_is_fine() -> None:
    assert find(replace(PI_4, governor="powersave", governor_driver="intel_pstate"), "governor").status == "ok"


# ---- the models


def test_models_are_judged_by_their_digest() -> None:
    altered = bytearray(WHOLE_MODEL)
    altered[len(altered) // 2] ^= 1
    machine = replace(PI_4, models=(("a.onnx", WHOLE_MODEL), ("b.onnx", bytes(altered)), ("c.onnx", b"")))
    assert [finding.status for finding in examine(machine) if finding.name == "model"] == ["ok", "fail", "fail"]
    assert failed(replace(machine, packages=INSTALLED, models=())) == ["model"]


def _contents() -> dict[str, bytes]:
    key = b"edgemnist.sha256\x12\x40"
    at = WHOLE_MODEL.index(key) + len(key)
    twice = WHOLE_MODEL[:at] + b"0" * 64 + WHOLE_MODEL[at + 64 :] + key + b"0" * 64
    upper = WHOLE_MODEL[:at] + WHOLE_MODEL[at : at + 64].upper() + WHOLE_MODEL[at + 64 :]
    return {
        "whole": WHOLE_MODEL,
        "cut by a byte": WHOLE_MODEL[:-1],
        "cut within the digest": WHOLE_MODEL[: at + 20],
        "one more byte": WHOLE_MODEL + b"\0",
        "digest altered": WHOLE_MODEL[:at] + b"x" + WHOLE_MODEL[at + 1 :],
        "digest in capitals": upper,
        "two places for a digest": WHOLE_MODEL + key + b"0" * 64,
        "two places and the right digest": twice[:at] + hashlib.sha256(twice).hexdigest().encode() + twice[at + 64 :],
        "another file": b"\x08\x07pytorch",
        "empty": b"",
    }


@pytest.mark.parametrize("name", _contents())
def test_own_digest_check_is_that_of_the_digest_module(name: str) -> None:
    content = _contents()[name]
    try:
        digest.check_digest(content, name)
    except ModelError:
        assert not doctor.is_whole(content)
    else:
        assert doctor.is_whole(content)
    assert doctor.is_whole(content) == (name == "whole")


# ---- looking


def test_machine_is_read_from_proc_and_sys(tmp_path: Path) -> None:
    files = {
        "proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0",
        "proc/cpuinfo": cpuinfo("0xd03", "fp asimd"),
        "proc/meminfo": "MemTotal: 436000 kB\nMemAvailable: 300000 kB\n",
        "sys/class/thermal/thermal_zone0/temp": "51540\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_driver": "raspberrypi-cpufreq\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    machine = read_machine(tmp_path)
    assert find(machine, "cpu").found == "Raspberry Pi Zero 2 W Rev 1.0, 4 x Cortex-A53, no int8 dot products"
    assert find(machine, "memory").found == "292 of 425 MB available"
    assert find(machine, "temperature").found == "51.5 °C"
    assert find(machine, "governor").status == "warn"


def test_machine_that_shows_nothing_is_read_too(tmp_path: Path) -> None:
    machine = read_machine(tmp_path)
    assert (machine.board, machine.cpuinfo, machine.meminfo, machine.temperatures) == ("", "", "", ())


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("echo throttled=0x50000", ["since the start: under-voltage, throttled"]),
        ("echo VCHI initialization failed; exit 255", []),
    ],
)
def test_vcgencmd_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, found: list[str]) -> None:
    program = tmp_path / "vcgencmd"
    program.write_text(f'#!/bin/sh\n[ "$1" = get_throttled ] && {script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert [finding.found for finding in examine(read_machine()) if finding.name == "power"] == found


@pytest.mark.parametrize("base", ["/dev/null", "/proc/none"])
def test_cache_that_cannot_be_written_is_noticed_by_writing(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    finding = find(read_machine(), "cache")
    assert finding.status == "warn"
    assert finding.found.startswith(f"{base}/edgemnist cannot be written: ")


def test_full_card_is_noticed_by_writing() -> None:
    script = 'ulimit -f 0; exec "$0" "$1" --format json'
    done = subprocess.run(["/bin/sh", "-c", script, sys.executable, DOCTOR], capture_output=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["status"] for row in rows if row["found"].endswith("cannot be written: File too large")] == ["warn"]


def test_cache_that_does_not_exist_yet_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new"))
    assert find(read_machine(), "cache").status == "ok"
    assert list(tmp_path.iterdir()) == []


# ---- the commands


def test_command_prints_findings_and_leaves_with_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = replace(PI_4, packages=INSTALLED, models=(("edgemnist-int8.onnx", WHOLE_MODEL),))
    monkeypatch.setattr(doctor, "read_machine", lambda: machine)
    monkeypatch.setattr(sys, "argv", ["edgemnist", "doctor"])
    with pytest.raises(SystemExit) as left:
        run_cli()
    printed = capsys.readouterr()
    assert left.value.code == 0
    assert printed.out.splitlines() == list(render(examine(machine), "table"))
    assert printed.err == ""


def test_command_leaves_with_3_when_something_fails_and_prints_json_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "read_machine", lambda: replace(PI_4, python=(3, 9, 2)))
    monkeypatch.setattr(sys, "argv", ["edgemnist", "doctor", "--format", "json"])
    with pytest.raises(SystemExit) as left:
        run_cli()
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert left.value.code == CheckError.exit_code == doctor.FAIL_EXIT_CODE
    assert [list(row) for row in rows] == [["name", "status", "found", "advice"]] * 9
    assert [row["name"] for row in rows if row["status"] == "fail"] == ["python"]


def test_bare_file_runs_without_site_packages(tmp_path: Path) -> None:
    copy = shutil.copy(DOCTOR, tmp_path)
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", copy, "--format", "json"], cwd=tmp_path, capture_output=True, check=False
    )
    names = [json.loads(line)["name"] for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert names[:3] == ["system", "python", "wheels"]
    assert "model" not in names


def test_file_in_its_package_finds_the_models(capsys: pytest.CaptureFixture[str]) -> None:
    done = subprocess.run([sys.executable, DOCTOR], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "edgemnist-int8.onnx is whole" in done.stdout
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert doctor.main([]) == 0
    assert "edgemnist-int8.onnx is whole" in printed.getvalue()


def test_file_imports_nothing_but_the_standard_library() -> None:
    script = f"import runpy, sys; runpy.run_path({str(DOCTOR)!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert loaded - sys.stdlib_module_names <= {"__main__"}
