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

EDGE_NEVER = WORKSTATION | {"scipy", "cv2", "pandas"}

GROUND = {"errors", "atomic"}
PICTURES = GROUND | {"data", "model", "reading"}
ANSWERS = PICTURES | {"prediction", "outputs", "turned", "classifier"}

ROWS = {
    # folder or file: the third parties that it may import, the rows that it may import besides its own
    "errors": (set(), set()),
    "process": (set(), {"errors", "cli"}),
    "atomic": (set(), {"errors"}),
    "data": ({"numpy", "platformdirs"}, GROUND),
    "model": ({"numpy", "onnxruntime"}, GROUND | {"data"}),
    "reading": ({"numpy", "PIL", "pillow_heif"}, GROUND | {"data", "model"}),
    "prediction": ({"numpy"}, PICTURES),
    "outputs": ({"numpy"}, PICTURES | {"prediction"}),
    "turned": ({"numpy"}, PICTURES | {"prediction"}),
    "classifier": ({"numpy"}, ANSWERS - {"classifier"}),
    "infer": ({"numpy", "PIL"}, ANSWERS),
    "serve": (
        {"numpy", "fastapi", "h11", "prometheus_client", "pydantic", "python_multipart", "starlette", "uvicorn"},
        ANSWERS | {"infer"},
    ),
    "camera": ({"numpy", "PIL", "av"}, ANSWERS | {"infer", "process"}),
    "evaluate": ({"numpy", "PIL"}, ANSWERS),
    "device": ({"numpy"}, ANSWERS),
    "bundle": (set(), GROUND | {"device.doctor"}),
    "train": ({"numpy", "PIL", "torch", "torchvision", "matplotlib", "typer"}, PICTURES),
    "export": ({"numpy", "torch", "torchvision", "onnx", "onnxscript"}, PICTURES | {"train"}),
}
"""docs/architecture.md's table. `cli`, its neighbors, `__init__` and `__main__` compose all rows."""

COMPOSERS = [
    "__init__.py",
    "__main__.py",
    "cli.py",
    "cli_live.py",
    "cli_options.py",
    "cli_workstation.py",
    "data/__main__.py",
]
EDGE = [row for row in ROWS if row not in ("train", "export", "serve")]
"""What a plain installation can import; `serve` needs its extra (tests/serve/test_serve_light.py)."""
BEFORE_AN_INSTALLATION = {
    "edgemnist.bundle.installer": ("edgemnist.bundle.installer", "edgemnist.device.doctor", "edgemnist.errors"),
    "edgemnist.device.doctor": (),
}
"""What runs then, and what it may import besides the standard library: what a bundle takes along."""


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


def row_of(module: str) -> str | None:
    """The row of a dotted name within the package; None for the package itself and what composes all rows."""
    part = module.split(".")[1] if "." in module else ""
    return part if part in ROWS else None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if str(path.relative_to(PACKAGE)) not in COMPOSERS]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(PACKAGE)) for path in FILES])
def test_imports_point_downwards_only(path):
    row = row_of(module_of(path))
    assert row, f"{path} is in no row of the table"
    third_parties, below = ROWS[row]
    for module in imports(path):
        top = module.partition(".")[0]
        if top == "edgemnist":
            inner = module.split(".")[1:3]
            assert {*inner[:1], ".".join(inner)} & {row, "__version__", *below}, f"{path} imports {module}"
        elif top not in sys.stdlib_module_names:
            assert top in third_parties, f"{path} imports {module}"


@pytest.mark.parametrize("row", EDGE)
def test_a_row_loads_no_more_than_the_table_says(row):
    """In a fresh interpreter: what importing every module of a row brings along, lazily or not."""
    modules = [module_of(path) for path in FILES if row_of(module_of(path)) == row and path.name != "__main__.py"]
    allowed = ROWS[row][0].union(*(ROWS[below.split(".")[0]][0] for below in ROWS[row][1] - {"cli"}))
    watched = EDGE_NEVER.union(*(ROWS[other][0] for other in ROWS))
    done = run_python(
        f"import sys\nimport {', '.join(modules)}\nprint(*sorted({watched - allowed!r} & set(sys.modules)))"
    )
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize("module", BEFORE_AN_INSTALLATION)
def test_what_runs_before_an_installation_needs_the_standard_library_alone(module):
    files = [path for path in FILES if module_of(path).startswith(module)]
    assert files
    for path in files:
        foreign = {name for name in imports(path) if name.partition(".")[0] not in sys.stdlib_module_names}
        assert not [name for name in foreign if not name.startswith(BEFORE_AN_INSTALLATION[module])], path


def test_only_the_session_imports_onnxruntime():
    importers = [
        path for path in PACKAGE.rglob("*.py") if any(name.split(".")[0] == "onnxruntime" for name in imports(path))
    ]
    assert importers == [PACKAGE / "model" / "session.py"]


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
from edgemnist.model.selftest import require_selftest
classifier = Classifier()
require_selftest(classifier.model)
print(classifier.predict({str(digit_png)!r}).label)
sys.argv = ["edgemnist", "infer", {str(digit_png)!r}]
from edgemnist.process import main
main()
"""
    done = run_python(code)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["train", "export"])
def test_without_the_extra_the_pip_line_is_named(command):
    done = run_python(f"{BLOCK}\nsys.argv = ['edgemnist', {command!r}]\nfrom edgemnist.process import main\nmain()")
    assert done.returncode == 8
    assert done.stderr.count("\n") == 1
    assert 'is not installed; this command needs: pip install "edgemnist[train]"' in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["infer", "--help"], ["train", "--help"], ["serve", "--help"]]
)
def test_help_and_version_load_neither_numpy_nor_onnxruntime(arguments):
    code = f"""
import atexit, sys
sys.argv = ["edgemnist", *{arguments!r}]
heavy = {{"numpy", "onnxruntime", "PIL", "torch", "platformdirs"}}
atexit.register(lambda: print(sorted(heavy & set(sys.modules)), file=sys.stderr))
from edgemnist.process import main
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


def test_reading_a_picture_does_not_load_numpys_masked_arrays(digit_png):
    """numpy loads them for its own median and percentiles: a tenth of a cold start. Before 2.0 it always does."""
    read = f"import edgemnist\nedgemnist.Classifier().predict({str(digit_png)!r})\n"
    loaded = "import sys\nprint('numpy.ma' in sys.modules)"
    assert run_python(read + loaded).stdout == run_python(f"import numpy\n{loaded}").stdout


def test_no_usage_data_is_written(digit_png, tmp_path):
    """With CI unset, because CI alone keeps onnxruntime from sending."""
    home = tmp_path / "home"
    home.mkdir()
    code = "import sys\nsys.argv = ['edgemnist', 'infer', sys.argv[1]]\nfrom edgemnist.process import main\nmain()"
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
