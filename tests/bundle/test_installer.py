"""The installer of a bundle, with tiny wheels and this machine's Python; `.ci/arm64` runs it with the real ones."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pi import Device, pack
from tiny_wheels import PLATFORM, PYTHON, make_own

from edgemnist.bundle.installer import install, places
from edgemnist.bundle.installer.manifest import Manifest
from edgemnist.device.doctor import read_machine
from edgemnist.errors import UsageError


@pytest.fixture
def old(tmp_path: Path, device: Device) -> str:
    """What the installed command says while version 0.1.0 is in use."""
    done = device.install(pack(make_own(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")
    return device.answer()


# ---- what works


def test_bundle_installs_and_says_how_to_use_it(tmp_path: Path, device: Device) -> None:
    done = device.install(pack(make_own(tmp_path, verify="print('self-test of', *sys.argv[2:]); sys.exit()")))
    folder = device.home / (device.home / "current").readlink()
    models = folder / "lib" / f"python{PYTHON}" / "site-packages" / "edgemnist" / "models"
    command = device.prefix / "bin" / "edgemnist"
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].startswith("ok    system ")
    assert lines[lines.index(f"installing edgemnist 0.1.0 in {folder}") + 1 :] == [
        f"self-test of {models / 'edgemnist-fp32.onnx'}",
        f"self-test of {models / 'edgemnist-int8.onnx'}",
        f"installed: {command}",
        f"read a picture:  {command} infer photo.jpg",
        f"from a camera:   rpicam-still -o - | {command} infer -",
        f"{command.parent} is not in PATH yet: log in again, or type: export PATH={command.parent}:$PATH",
    ]
    assert device.answer() == "this is 0.1.0\n"


def test_installing_twice_leaves_a_working_installation(tmp_path: Path, device: Device, old: str) -> None:
    assert device.install(pack(make_own(tmp_path))).returncode == 0
    assert device.answer() == old
    assert device.installations() == ["0.1.0", "0.1.0"]


def test_newer_version_takes_over_and_the_previous_one_stays(tmp_path: Path, device: Device, old: str) -> None:
    for version in ("0.2.0", "0.3.0"):
        assert device.install(pack(make_own(tmp_path, version))).returncode == 0
        assert device.answer() == f"this is {version}\n"
    assert device.installations() == ["0.2.0", "0.3.0"]
    previous = [device.home / "previous" / "bin" / "edgemnist", "hello"]
    assert subprocess.run(previous, capture_output=True, text=True, check=True).stdout == "this is 0.2.0\n"


def test_bytecode_is_there_for_all_but_tests(device: Device, old: str) -> None:
    compiled = {path.name.partition(".")[0] for path in device.home.glob("current/lib/**/edgemnist/**/*.pyc")}
    assert compiled == {"__init__", "__main__"}


def test_environment_of_the_user_does_not_reach_the_installation(tmp_path: Path, device: Device) -> None:
    (tmp_path / "broken" / "edgemnist").mkdir(parents=True)
    (tmp_path / "broken" / "edgemnist" / "__init__.py").write_text("raise SystemExit('another edgemnist')")
    polluted = {"PYTHONPATH": str(tmp_path / "broken"), "PYTHONHOME": "/nowhere"}
    assert device.install(pack(make_own(tmp_path)), environment=polluted).returncode == 0


# ---- a bundle that is not what it was, or not for this machine


@pytest.mark.parametrize("kept", [0.999, 0.9, 0.2, 400, 60])
def test_bundle_cut_short_changes_nothing(kept: float, tmp_path: Path, device: Device) -> None:
    bundle = pack(make_own(tmp_path))
    content = bundle.read_bytes()
    bundle.write_bytes(content[: int(kept * len(content)) if kept < 1 else int(kept)])
    done = device.install(bundle)
    assert done.returncode in (2, 3)
    assert len(done.stderr.splitlines()) == 1
    assert not device.prefix.exists()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_bundle_with_an_altered_bit_changes_nothing(share: float, tmp_path: Path, device: Device) -> None:
    bundle = pack(make_own(tmp_path))
    content = bytearray(bundle.read_bytes())
    content[int(share * len(content))] ^= 1
    bundle.write_bytes(content)
    done = device.install(bundle)
    assert done.returncode == 3
    assert done.stderr == (
        f"edgemnist: {bundle} is damaged: cut short or altered on its way here; copy it again. Nothing was changed.\n"
    )
    assert not device.prefix.exists()


@pytest.mark.parametrize(
    ("wrong", "code", "message"),
    [
        ({"sha256": "0" * 64}, 3, "edgemnist-0.1.0-py3-none-any.whl is not the wheel that was pinned"),
        ({"python": "3.10"}, 2, f"the bundle is for {PLATFORM} with Python 3.10, this is "),
        ({"platform": "manylinux_2_28_riscv64"}, 2, f"the bundle is for manylinux_2_28_riscv64 with Python {PYTHON}, "),
    ],
)
def test_bundle_that_does_not_fit_changes_nothing(
    wrong: dict[str, str], code: int, message: str, tmp_path: Path, device: Device
) -> None:
    done = device.install(pack(make_own(tmp_path), **wrong))
    assert done.returncode == code
    assert done.stderr.startswith(f"edgemnist: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert not device.prefix.exists()


def test_bundle_for_any_machine_sees_the_systems_packages_and_proves_int8_alone(
    tmp_path: Path, device: Device, capfd: pytest.CaptureFixture[str]
) -> None:
    said = "print('self-test of', sys.argv[2].rpartition('/')[2]); sys.exit()"
    bundle = pack(make_own(tmp_path, verify=said), platform="any")
    assert install.main(bundle, ["--prefix", str(device.prefix)]) == 0
    proofs = [line for line in capfd.readouterr().out.splitlines() if line.startswith("self-test")]
    assert proofs == ["self-test of edgemnist-int8.onnx"]
    assert "include-system-site-packages = true" in (device.home / "current" / "pyvenv.cfg").read_text()


def test_bundle_for_any_machine_says_what_the_system_lacks(
    tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    bundle = pack(make_own(tmp_path), platform="any")
    assert install.main(bundle, ["--prefix", str(device.prefix)]) == 3
    assert capsys.readouterr().err == (
        "edgemnist: the system's Python lacks numpy and PIL; type: sudo apt install python3-numpy python3-pil "
        "libopenblas0, or what your system calls them\n"
    )
    assert not device.prefix.exists()


@pytest.mark.parametrize("machine", ["32-bit armv7l", "32-bit aarch64"])
def test_bundle_of_compiled_wheels_sends_32_bits_to_theirs(machine: str) -> None:
    manifest = Manifest("0.1.0", "manylinux_2_28_aarch64", {"3.11": ()})
    with pytest.raises(UsageError, match="make another with: edgemnist bundle --target pi32 --python 3.11"):
        install.fitting_wheels(manifest, machine, "3.11")


def test_unfit_machine_is_told_by_the_doctor_and_not_touched(
    tmp_path: Path, device: Device, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine = replace(read_machine(), python=(3, 10, 12))
    monkeypatch.setattr(install, "read_machine", lambda: machine)
    assert install.main(pack(make_own(tmp_path)), ["--prefix", str(device.prefix)]) == 3
    printed = capsys.readouterr()
    assert "\nfail  python " in printed.out
    assert printed.err == "edgemnist: this machine cannot run it; nothing was changed\n"
    assert not device.prefix.exists()


def test_missing_python_is_said_in_one_line(tmp_path: Path, device: Device) -> None:
    (device.tools / "python3").unlink()
    for name in ("sh", "tail", "sha256sum", "cut"):
        (device.tools / name).symlink_to(shutil.which(name) or name)
    done = device.install(pack(make_own(tmp_path)), environment={"PATH": str(device.tools)})
    assert done.returncode == 3
    assert done.stderr == "edgemnist: python3 is missing; type: sudo apt install python3\n"


# ---- what goes wrong leaves the old installation working


@pytest.mark.parametrize(
    ("verify", "code", "message"),
    [
        ("sys.exit(3)", 3, "the self-test of edgemnist-fp32.onnx failed with exit code 3; what was installed before"),
        ("raise ImportError('libonnx.so')", 3, "the self-test of edgemnist-fp32.onnx failed with exit code 1"),
    ],
)
def test_failed_selftest_leaves_the_old_installation(
    verify: str, code: int, message: str, tmp_path: Path, device: Device, old: str
) -> None:
    done = device.install(pack(make_own(tmp_path, "0.2.0", verify)))
    assert done.returncode == code
    assert f"edgemnist: {message}" in done.stderr
    assert device.answer() == old
    assert device.installations() == ["0.1.0"]


def test_full_card_leaves_the_old_installation(tmp_path: Path, device: Device, old: str) -> None:
    newer = pack(make_own(tmp_path, "0.2.0", extra="#" * 2_000_000))
    done = device.install(newer, limit="ulimit -f 2000;")  # blocks of 512 bytes: no file may pass a megabyte
    assert done.returncode == 7
    assert done.stderr == (
        f"edgemnist: cannot write to {device.prefix}: File too large; what was installed before still works\n"
    )
    assert device.answer() == old
    assert device.installations() == ["0.1.0"]
    assert device.install(newer).returncode == 0
    assert device.answer() == "this is 0.2.0\n"


def test_crash_leaves_the_old_installation_and_the_next_run_sweeps_up(tmp_path: Path, device: Device, old: str) -> None:
    crash = "os.kill(os.getppid(), signal.SIGKILL)"
    assert device.install(pack(make_own(tmp_path, "0.2.0", crash))).returncode == -9
    assert device.answer() == old
    assert device.installations() == ["0.1.0", "0.2.0"]
    assert device.install(pack(make_own(tmp_path, "0.3.0"))).returncode == 0
    assert device.answer() == "this is 0.3.0\n"
    assert device.installations() == ["0.1.0", "0.3.0"]


def test_card_without_room_is_noticed_before_it_fills(
    tmp_path: Path, device: Device, old: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "SPACE_FACTOR", 1e15)
    assert install.main(pack(make_own(tmp_path, "0.2.0")), ["--prefix", str(device.prefix)]) == 7
    said = capsys.readouterr().err
    assert re.fullmatch(rf"edgemnist: {device.home} needs \d+ MB, \d+ MB are free; free some space or .*\n", said)
    assert device.answer() == old
    assert device.installations() == ["0.1.0"]


def test_second_installer_waits_for_nobody(tmp_path: Path, device: Device, old: str) -> None:
    with places.locked(places.open_place(device.prefix)):
        done = device.install(pack(make_own(tmp_path, "0.2.0")))
    assert done.returncode == 7
    assert done.stderr == f"edgemnist: another installation in {device.home} is under way; wait for it to end\n"
    assert device.answer() == old


def test_command_of_another_installation_is_not_replaced(tmp_path: Path, device: Device) -> None:
    command = device.prefix / "bin" / "edgemnist"
    command.parent.mkdir(parents=True)
    command.write_text("from pip")
    done = device.install(pack(make_own(tmp_path)))
    assert done.returncode == 2
    assert done.stderr.startswith(f"edgemnist: {command} is not from a bundle; remove it, or name another place")
    assert command.read_text() == "from pip"
    assert not device.home.exists()


def test_prefix_that_cannot_be_written_is_said_in_one_line(tmp_path: Path, device: Device) -> None:
    device.prefix.write_text("a file")
    done = device.install(pack(make_own(tmp_path)))
    assert done.returncode == 7
    assert done.stderr == (
        f"edgemnist: cannot write to {device.prefix}: Not a directory; what was installed before still works\n"
    )
