import errno
import hashlib
import io
import re
import shutil
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pip_alone import see_only
from tiny_wheels import NATIVE_TAG, PLATFORM, PYTHON, make_own, make_wheel

from edgemnist import __version__
from edgemnist.bundle import make, wheels
from edgemnist.bundle.installer.manifest import MANIFEST_NAME, WHEEL_FOLDER, Manifest, Wheel, from_json
from edgemnist.bundle.make import Target, find_target, make_bundle
from edgemnist.errors import StorageError, UsageError
from edgemnist.process import main as run_cli

HERE = Target("here", PLATFORM, (PYTHON,))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all that pip can see."""
    folder = tmp_path / "index"
    make_wheel(folder, "numpy", "2.5", {"numpy/__init__.py": ""}, tag=NATIVE_TAG)
    make_wheel(folder, "onnxruntime", "1.30", {"onnxruntime/__init__.py": ""}, ("protobuf", "rich"), NATIVE_TAG)
    make_wheel(folder, "protobuf", "7.0", {"google/__init__.py": ""})
    make_wheel(folder, "rich", "15.0", {"rich/__init__.py": ""})
    see_only(folder, monkeypatch)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return make_own(tmp_path / "own")


def test_bundle_holds_what_pip_chose_each_pinned_by_its_hash(tmp_path: Path, index: Path, own: Path) -> None:
    said: list[str] = []
    made = make_bundle(HERE, own, tmp_path / "out.sh", said.append)
    expected = {path.name: path.read_bytes() for path in (own, *index.glob("numpy*"), *index.glob("onnxruntime*"))}
    assert said == [f"fetching the wheels for Python {PYTHON} on {PLATFORM}"]
    assert made.size_bytes == made.path.stat().st_size
    with zipfile.ZipFile(made.path) as archive:
        names = {name for name in archive.namelist() if name.startswith(WHEEL_FOLDER)}
        assert {name.removeprefix(WHEEL_FOLDER): archive.read(name) for name in names} == expected
        manifest = from_json(archive.read(MANIFEST_NAME).decode())
    assert manifest == made.manifest
    assert (manifest.version, manifest.platform, list(manifest.wheels)) == ("0.1.0", PLATFORM, [PYTHON])
    pinned = {wheel.name: wheel.sha256 for wheel in manifest.wheels[PYTHON]}
    assert pinned == {name: hashlib.sha256(content).hexdigest() for name, content in expected.items()}


def test_same_wheels_give_the_same_bytes(tmp_path: Path, index: Path, own: Path) -> None:
    paths = [make_bundle(HERE, own, tmp_path / name, print).path for name in ("a.sh", "b.sh")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with zipfile.ZipFile(paths[0]) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_bundle_for_32_bits_leaves_to_the_system_what_is_compiled(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "typer", "0.28", {"typer.py": ""}, ("click", "rich"))
    make_wheel(index, "click", "8.3", {"click.py": ""})
    files = {"edgemnist/models/edgemnist-int8.onnx": ""}
    requires = ("numpy>=1.24", "onnxruntime>=1.23; platform_machine not in 'armv6l'", "Pillow>=9.4", "typer<0.29")
    own = make_wheel(tmp_path, "edgemnist", "0.1.0", files, (*requires, 'torch>=2.9; extra == "train"'))
    made = make_bundle(find_target("pi32"), own, tmp_path / "out.sh", print)
    assert made.manifest.uses_system
    carried = [own.name, "click-8.3-py3-none-any.whl", "typer-0.28-py3-none-any.whl"]
    found = {python: [wheel.name for wheel in pinned] for python, pinned in made.manifest.wheels.items()}
    assert found == dict.fromkeys(("3.11", "3.13"), carried)
    assert make.as_text(made).startswith("0.0 MB: 3 wheels for any machine that has numpy and Pillow, Python 3.11")


@pytest.mark.parametrize("extras", [(), ("serve",), ("camera", "serve")])
def test_bundle_carries_the_extras_that_are_asked_for(tmp_path: Path, index: Path, extras: tuple[str, ...]) -> None:
    make_wheel(index, "fastapi", "0.2", {"fastapi.py": ""}, ("starlette",))
    make_wheel(index, "starlette", "1.0", {"starlette.py": ""})
    make_wheel(index, "av", "14.0", {"av.py": ""}, tag=NATIVE_TAG)
    files = {"edgemnist/models/edgemnist-int8.onnx": ""}
    requires = (
        "numpy>=2",
        'fastapi>=0.1; extra == "serve"',
        "av>=14; extra == 'camera'",
        'torch>=2.9; extra == "train"',
    )
    provides = "".join(f"Provides-Extra: {name}\n" for name in ("serve", "camera", "train"))
    own = make_wheel(tmp_path, "edgemnist", "0.1.0", files, requires, more=provides)
    made = make_bundle(find_target("pi", PLATFORM, [PYTHON], extras), own, tmp_path / "out.sh", print)
    carried = {"()": [], "serve": ["fastapi", "starlette"], "camera": ["av"]}
    expected = {"edgemnist", "numpy", *(name for extra in extras for name in carried[extra])}
    assert {wheel.name.partition("-")[0] for wheel in made.manifest.wheels[PYTHON]} == expected
    assert (
        make.default_path(find_target("pi", extras=extras)).name
        == "-".join(["edgemnist", __version__, "pi", *extras]) + ".sh"
    )


def test_bundle_for_32_bits_takes_extras_of_plain_python(tmp_path: Path, index: Path) -> None:
    make_wheel(index, "fastapi", "0.2", {"fastapi.py": ""})
    files = {"edgemnist/models/edgemnist-int8.onnx": ""}
    own = make_wheel(tmp_path, "edgemnist", "0.1.0", files, ("numpy>=1.24", 'fastapi>=0.1; extra == "serve"'))
    made = make_bundle(find_target("pi32", None, ["3.11"], ["serve"]), own, tmp_path / "out.sh", print)
    assert [wheel.name for wheel in made.manifest.wheels["3.11"]] == [own.name, "fastapi-0.2-py3-none-any.whl"]


def test_extra_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="--with must be one of camera, heic, serve, not train"):
        find_target("pi", extras=["train"])


def test_command_prints_the_path_and_says_the_megabytes(
    tmp_path: Path, index: Path, own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["--platform", PLATFORM, "--python", PYTHON, "--wheel", str(own)]
    monkeypatch.setattr(sys, "argv", ["edgemnist", "bundle", *arguments])
    with pytest.raises(SystemExit) as left:
        run_cli()
    printed = capsys.readouterr()
    assert left.value.code == 0
    assert printed.out == f"edgemnist-{__version__}-{PLATFORM}.sh\n"
    assert printed.err == (
        f"edgemnist: fetching the wheels for Python {PYTHON} on {PLATFORM}\n"
        f"edgemnist: 0.0 MB: 3 wheels for {PLATFORM}, Python {PYTHON}; "
        f"copy it to the device, then type there: sh edgemnist-{__version__}-{PLATFORM}.sh\n"
    )


# ---- what cannot be bundled


def test_package_without_a_wheel_for_the_target_is_named(tmp_path: Path, index: Path, own: Path) -> None:
    target = find_target("pi", "manylinux_2_28_armv7l", ["3.11"])
    with pytest.raises(
        UsageError, match=r"^(numpy|onnxruntime) has no wheel for Python 3\.11 on manylinux_2_28_armv7l"
    ):
        make_bundle(target, own, tmp_path / "out.sh", print)
    assert not (tmp_path / "out.sh").exists()


def test_python_older_than_ours_is_refused(tmp_path: Path, index: Path) -> None:
    own = make_wheel(tmp_path, "edgemnist", "0.1.0", {"edgemnist/models/edgemnist-int8.onnx": ""})
    with pytest.raises(UsageError, match=r"^edgemnist-0\.1\.0-py3-none-any\.whl does not run on Python 3\.10"):
        make_bundle(find_target("pi", PLATFORM, ["3.10"]), own, tmp_path / "out.sh", print)


def test_wheel_that_cannot_merely_be_unpacked_is_refused(tmp_path: Path, index: Path, own: Path) -> None:
    make_wheel(index, "numpy", "2.6", {"numpy-2.6.data/scripts/f2py": ""}, tag=NATIVE_TAG)
    with pytest.raises(UsageError, match=r"^numpy-2\.6-.*\.whl has a \.data folder"):
        make_bundle(HERE, own, tmp_path / "out.sh", print)


def test_pip_that_fails_otherwise_is_quoted(
    tmp_path: Path, index: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    next(index.glob("numpy*")).write_bytes(b"not a wheel")
    with pytest.raises(StorageError, match=r"^pip cannot fetch the wheels: ERROR: .*numpy-2\.5"):
        make_bundle(HERE, own, tmp_path / "out.sh", print)


def test_wheel_is_built_in_a_checkout_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = types.SimpleNamespace(files=lambda _: tmp_path / "site-packages" / "edgemnist")
    monkeypatch.setattr(wheels, "resources", installed)
    with pytest.raises(
        UsageError, match="is not a checkout, so there is no wheel to build; name one with --wheel FILE"
    ):
        wheels.build_wheel(tmp_path / "out")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--target", "zero"], 2, "there is no target zero; targets are: pi, pi32"),
        (["--platform", "win_amd64"], 2, "--platform must be like manylinux_2_28_aarch64, not win_amd64; .*"),
        (["--python", "311"], 2, "--python must be like 3.11, not 311"),
        (["--wheel", "missing.whl"], 2, "cannot read the wheel missing.whl: .*; make it with: make wheel"),
        (["--wheel", "numpy.whl"], 2, "numpy.whl is not a wheel of edgemnist with its models; .*"),
        (["--out", "/dev/null/b.sh"], 7, "cannot write /dev/null/b.sh: .*"),
    ],
)
def test_wrong_use_is_one_line_and_its_exit_code(
    arguments: list[str],
    code: int,
    message: str,
    tmp_path: Path,
    index: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(next(index.glob("numpy*")), "numpy.whl")
    monkeypatch.setattr(sys, "argv", ["edgemnist", "bundle", *arguments])
    with pytest.raises(SystemExit) as left:
        run_cli()
    printed = capsys.readouterr()
    assert (left.value.code, printed.out) == (code, "")
    assert re.fullmatch(f"edgemnist: {message}\n", printed.err)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["numpy.whl"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda wheel: wheel[: len(wheel) // 2], "cannot read the wheel .*: File is not a zip file; .*"),
        (lambda wheel: wheel.replace(b"def main", b"def Main"), "cannot read the wheel .* in it is damaged; .*"),
        (lambda wheel: wheel.replace(b"PK\x01\x02", b"PK\x01\x03"), "cannot read the wheel .*: Bad magic .*; .*"),
        (
            lambda wheel: wheel.replace(b"/METADATA", b"/METADATE"),
            "cannot read the wheel .*/RECORD in it is damaged; .*",
        ),
        (lambda wheel: wheel.replace(b"/__main__.py", b"/__main\x1b[31m"), "cannot read the wheel .* is damaged; .*"),
    ],
)
def test_a_damaged_wheel_is_one_line(
    damage: Callable[[bytes], bytes],
    message: str,
    tmp_path: Path,
    index: Path,
    own: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = own.read_bytes()
    assert damage(whole) != whole
    own.write_bytes(damage(whole))
    monkeypatch.setattr(
        sys, "argv", ["edgemnist", "bundle", "--wheel", str(own), "--platform", PLATFORM, "--python", PYTHON]
    )
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SystemExit) as left:
        run_cli()
    printed = capsys.readouterr()
    assert (left.value.code, printed.out) == (2, "")
    assert re.fullmatch(f"edgemnist: {message}\n", printed.err)
    assert printed.err[:-1].isprintable()
    assert sorted(tmp_path.rglob("*")) == before


def test_no_write_that_fails_goes_unnoticed(tmp_path: Path, own: Path) -> None:
    class FailsOnce(io.FileIO):
        failed = False

        def write(self, data: object) -> int:
            if not self.failed:
                self.failed = True
                raise OSError(errno.EIO, "Input/output error")
            return super().write(data)  # type: ignore[arg-type]

    manifest = Manifest("0.1.0", PLATFORM, {PYTHON: (Wheel(own.name, hashlib.sha256(own.read_bytes()).hexdigest()),)})
    with io.BufferedRandom(FailsOnce(tmp_path / "b.sh", "w+")) as file, pytest.raises(OSError, match="Input/output"):
        make.write_bundle(file, manifest, {own.name: own})


def test_a_wheel_without_its_description_is_none_of_ours(tmp_path: Path, own: Path) -> None:
    with zipfile.ZipFile(own) as whole, zipfile.ZipFile(tmp_path / own.name, "w") as rest:
        for name in whole.namelist():
            if not name.endswith("/METADATA"):
                rest.writestr(name, whole.read(name))
    with pytest.raises(UsageError, match="is not a wheel of edgemnist with its models"):
        wheels.wheel_version(tmp_path / own.name)


def test_what_breaks_inside_of_pip_is_told_by_its_last_line() -> None:
    reason = "ERROR: Exception:\nTraceback (most recent call last):\n  File x\npip.Unsupported: no such thing\n"
    assert wheels._last_error(reason) == "pip.Unsupported: no such thing"


# ---- targets


def test_targets_are_the_pi_unless_told_otherwise() -> None:
    assert find_target("pi") == Target("pi", "manylinux_2_28_aarch64", ("3.11", "3.13"))
    assert find_target("pi", pythons=["3.13"]) == Target("pi", "manylinux_2_28_aarch64", ("3.13",))
    assert find_target("pi", PLATFORM) == Target(PLATFORM, PLATFORM, ("3.11", "3.13"))
    assert str(make.default_path(find_target("pi"))).endswith("-pi.sh")


def test_platform_tags_are_all_that_the_machine_takes() -> None:
    assert wheels.platform_tags("manylinux_2_19_aarch64") == [
        "manylinux_2_19_aarch64",
        "manylinux_2_18_aarch64",
        "manylinux_2_17_aarch64",
        "manylinux2014_aarch64",
    ]
