"""The edge stays light: what is imported, and what is not; no usage data leaves the machine."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import edgemnist

PACKAGE = Path(edgemnist.__file__).parent
WORKSTATION = {"torch", "torchvision", "onnx", "onnxscript", "matplotlib"}

GROUND = ["errors", "atomic", "contract", "digest", "metrics", "parity", "data", "bundle", "wheels"]
ALLOWED = {
    "installer": set(),
    "ground": {"numpy", "platformdirs"},
    "runtime": {"numpy", "platformdirs", "onnxruntime", "PIL"},
    "train": {"numpy", "platformdirs", "onnxruntime", "PIL", "torch", "torchvision", "matplotlib", "typer"},
    "export": {"numpy", "platformdirs", "onnxruntime", "PIL", "torch", "torchvision", "onnx", "onnxscript"},
}
BELOW = {
    "installer": {"installer", "runtime"},
    "ground": {"installer"},
    "runtime": {"runtime"},
    "train": {"runtime", "train"},
    "export": {"runtime", "train", "export"},
}


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_DISABLE_TELEMETRY")}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=inherited | env, check=False
    )


def imports(path: Path) -> set[str]:
    """Every module that the file imports, anywhere in it, by its dotted name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def tier_of(module: str) -> str | None:
    """The tier of a dotted name within the package; None for the files that compose all tiers."""
    part = module.split(".")[1] if "." in module else ""
    return "ground" if part in GROUND else part if part in ALLOWED else None


FILES = [
    (path, tier)
    for path in sorted(PACKAGE.rglob("*.py"))
    if (tier := tier_of(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)))
]


@pytest.mark.parametrize(("path", "tier"), FILES, ids=[str(path.relative_to(PACKAGE)) for path, _ in FILES])
def test_imports_point_downwards_only(path, tier):
    for module in imports(path):
        top = module.partition(".")[0]
        if top == "edgemnist":
            inner = tier_of(module)
            assert inner is None or inner == "ground" or inner in BELOW[tier], f"{path} imports {module}"
        elif top not in sys.stdlib_module_names:
            assert top in ALLOWED[tier], f"{path} imports {module}"


def test_only_the_session_imports_onnxruntime():
    importers = [
        path for path in PACKAGE.rglob("*.py") if any(name.split(".")[0] == "onnxruntime" for name in imports(path))
    ]
    assert importers == [PACKAGE / "runtime" / "session.py"]


BLOCK = f"""
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(WORKSTATION)!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Block())
"""


def test_the_edge_works_with_the_workstation_packages_blocked(digit_png):
    code = f"""{BLOCK}
from edgemnist import Classifier, read_image
from edgemnist.runtime.selftest import require_selftest
classifier = Classifier()
require_selftest(classifier.model)
print(classifier.predict({str(digit_png)!r}).label)
sys.argv = ["edgemnist", "infer", {str(digit_png)!r}]
from edgemnist.cli import main
main()
"""
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_module_of_the_edge_loads_a_workstation_package(digit_png):
    modules = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path, tier in FILES
        if tier in ("ground", "runtime") and path.name not in ("__init__.py", "__main__.py")
    ]
    done = run_python(f"import sys\nimport {', '.join(modules)}\nprint({WORKSTATION!r} & set(sys.modules))")
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize("command", ["train", "export"])
def test_without_the_extra_the_pip_line_is_named(command):
    done = run_python(f"{BLOCK}\nsys.argv = ['edgemnist', {command!r}]\nfrom edgemnist.cli import main\nmain()")
    assert done.returncode == 8
    assert done.stderr.count("\n") == 1
    assert 'is not installed; this command needs: pip install "edgemnist[train]"' in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["infer", "--help"], ["train", "--help"]])
def test_help_and_version_load_neither_numpy_nor_onnxruntime(arguments):
    code = f"""
import atexit, sys
sys.argv = ["edgemnist", *{arguments!r}]
heavy = {{"numpy", "onnxruntime", "PIL", "torch", "platformdirs"}}
atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=sys.stderr))
from edgemnist.cli import main
main()
"""
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_version_is_the_packages_own(edgemnist):
    import edgemnist as package

    assert edgemnist("--version").stdout == f"edgemnist {package.__version__}\n"


def test_importing_the_package_loads_nothing_heavy():
    done = run_python("import sys, edgemnist\nprint(sorted({'numpy', 'onnxruntime', 'PIL'} & set(sys.modules)))")
    assert done.stdout == "[]\n"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        edgemnist.nonsense  # noqa: B018


def test_no_usage_data_is_written(digit_png, tmp_path):
    """With CI unset, because CI alone keeps onnxruntime from sending."""
    home = tmp_path / "home"
    home.mkdir()
    code = "import sys\nsys.argv = ['edgemnist', 'infer', sys.argv[1]]\nfrom edgemnist.cli import main\nmain()"
    environment = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    inherited = {key: value for key, value in os.environ.items() if key not in ("CI", "ORT_DISABLE_TELEMETRY")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(digit_png)],
        capture_output=True,
        text=True,
        env=inherited | environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(home.rglob("*")) == []


def test_it_runs_without_a_home(edgemnist, digit_png):
    done = edgemnist("infer", digit_png, env={"HOME": "/dev/null", "XDG_CACHE_HOME": ""})
    assert (done.returncode, done.stderr) == (0, "")


def test_no_escape_codes_reach_a_pipe(edgemnist, digit_png):
    done = edgemnist("infer", digit_png)
    assert "\x1b" not in done.stdout + done.stderr


def test_typing_marker_ships():
    assert importlib.util.find_spec("edgemnist").submodule_search_locations
    assert (PACKAGE / "py.typed").is_file()
