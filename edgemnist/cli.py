"""The commands: each parses, calls one function, prints. `process.main` runs them.

Heavy imports stand inside the commands, so that `--help` loads neither numpy nor onnxruntime, and the edge
commands never load torch. Data goes to stdout, messages and progress to stderr.
"""

import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from edgemnist import __version__
from edgemnist.cli_live import camera, serve
from edgemnist.cli_options import CropOption, DataOption, EngineOption, ModelOption, RotateOption, ThreadsOption
from edgemnist.cli_workstation import export, train
from edgemnist.errors import CheckError, ModelError, UsageError
from edgemnist.process import draws_blocks, extra, hush, say

app = typer.Typer(
    help="Train one CNN on MNIST, export it to a single ONNX file, read digits on a Raspberry Pi.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

LONG_LIST = 50
"""Pictures: more than a second on a small computer."""

_CLICK_ERROR: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
"""The root of usage errors; typer has it from click or carries it itself, by its version."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"edgemnist {__version__}")
        raise typer.Exit


@app.callback()
def edgemnist(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Train one CNN on MNIST, export it to a single ONNX file, read digits on a Raspberry Pi."""


app.command()(train)
app.command()(export)
app.command()(serve)


@app.command()
def infer(
    pictures: Annotated[
        list[str] | None,
        typer.Argument(metavar="PICTURE...", help="Pictures, .npy or IDX files, folders, globs, - for stdin."),
    ] = None,
    watch: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Read pictures as they arrive in this folder, until Ctrl-C.")
    ] = None,
    then: Annotated[
        str | None, typer.Option(metavar="delete|move:DIR", help="With --watch: what becomes of pictures once read.")
    ] = None,
    skip_existing: Annotated[
        bool, typer.Option("--skip-existing", help="With --watch: leave the pictures alone that are there already.")
    ] = False,
    recursive: Annotated[bool, typer.Option("--recursive", help="Read the folders in a folder too.")] = False,
    model: ModelOption = "int8",
    finder: Annotated[
        str, typer.Option(metavar="FILE", help="What finds digits: int8, which ships, or a .onnx file.")
    ] = "int8",
    form: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="json: one object a line.")
    ] = "table",
    top_k: Annotated[int, typer.Option(min=1, max=10, help="How many of the likeliest digits to name.")] = 1,
    row: Annotated[bool, typer.Option("--row", help="Pictures show rows of digits: a postcode, an amount.")] = False,
    min_confidence: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Withhold answers less sure than this, 0 to 1.")
    ] = None,
    show_input: Annotated[bool, typer.Option("--show-input", help="Print what the model saw, and why.")] = False,
    save_input: Annotated[bool, typer.Option("--save-input", help="Draw the same beside the picture.")] = False,
    collect: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep doubtful digits there: edgemnist label DIR labels them.")
    ] = None,
    collect_all: Annotated[bool, typer.Option("--collect-all", help="With --collect: keep all digits.")] = False,
    polarity: Annotated[
        Literal["auto", "dark", "light"], typer.Option(help="Whether the ink is dark or light.")
    ] = "auto",
    rotate: RotateOption = 0,
    max_megapixels: Annotated[
        float, typer.Option(metavar="N", help="Larger pictures are refused; memory follows.")
    ] = 40,
    crop: CropOption = None,
    threads: ThreadsOption = 1,
    engine: EngineOption = "auto",
) -> None:
    """Read the digit in each picture."""
    from edgemnist.classifier import Classifier
    from edgemnist.infer.afterwards import afterwards
    from edgemnist.infer.ahead import workers_for
    from edgemnist.infer.announce import Telling, announce
    from edgemnist.infer.answers import Answer, answer_sources
    from edgemnist.infer.report import as_line, render
    from edgemnist.infer.sources import find_sources
    from edgemnist.infer.watch import Watch, watch_folder
    from edgemnist.reading.crop import parse_crop

    if bool(pictures) == bool(watch):
        raise UsageError("name a PICTURE to read, or a folder with --watch")
    if not watch and (then or skip_existing):
        raise UsageError("--then and --skip-existing go with --watch")
    if collect_all and not collect:
        raise UsageError("--collect-all goes with --collect DIR")
    hush()
    # Pillow warns of odd metadata; what it cannot read becomes an error of ours.
    warnings.filterwarnings("ignore", module="PIL")
    classifier = Classifier(
        model,
        finder=finder,
        threads=threads,
        engine=engine,
        polarity=polarity,
        rotate=rotate,
        min_confidence=min_confidence,
        max_megapixels=max_megapixels,
    )
    found = find_sources(pictures or [], recursive, say)
    collector = None
    if collect:
        from edgemnist.infer.collect import Collector, require_outside

        collector = Collector(collect, say, everything=collect_all)
    if watch:
        act = afterwards(then, watch, recursive)
        if collect:
            require_outside(collect, watch, recursive)
        how = Watch(recursive, skip_existing, say, lambda path: None if path in unreadable else act(path))
        sources = watch_folder(watch, how=how)
    else:
        sources = _with_progress(found)
    unreadable: set[str] = set()
    exit_codes = {0}
    plain, pixels = not draws_blocks(), classifier.max_pixels
    telling = Telling(say, show_input, save_input, plain, rotate, pixels, labels=form != "table")
    part = None if crop is None else parse_crop(crop, rotate)

    def answers() -> Iterator[Answer]:
        for answer in answer_sources(classifier, sources, row, workers_for(len(found)), part):
            if answer.error:
                unreadable.add(answer.source)
            exit_codes.add(announce(answer, telling))
            exit_codes.add(collector.keep(answer) if collector else 0)
            yield answer

    # A table is as wide as its widest row, and a watch has no last one.
    endless_table = watch is not None and form == "table"
    lines = (as_line(answer, top_k) for answer in answers()) if endless_table else render(answers(), form, top_k)
    for line in lines:
        print(line, flush=watch is not None)
    raise typer.Exit(max(exit_codes))


app.command()(camera)


@app.command()
def label(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What infer --collect DIR kept.")],
    model: ModelOption = "int8",
) -> None:
    """Label the digits that infer kept, one by one, to train on them."""
    from edgemnist.classifier import Classifier
    from edgemnist.infer.label_terminal import keys_of, label_digits
    from edgemnist.infer.labeling import Labeling

    labeling, classifier = Labeling(folder), Classifier(model)
    try:
        with keys_of(sys.stdin) as keys:
            label_digits(labeling, classifier, keys, lambda text: print(text, file=sys.stderr), draws_blocks())
    finally:
        say(labeling.summary())


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="int8, fp32, a .onnx file or a .pt checkpoint.")],
    data: DataOption = None,
    mistakes: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Save the worst mistakes as a picture.")
    ] = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
    threads: ThreadsOption = 1,
    engine: EngineOption = "auto",
) -> None:
    """Measure a model on the validation images: accuracy, confusion matrix, calibration; a finder on pages of them."""
    from edgemnist.evaluate.answers import model_answers
    from edgemnist.evaluate.contact_sheet import contact_sheet, save_contact_sheet
    from edgemnist.evaluate.measure import as_plain, as_text
    from edgemnist.evaluate.measure import evaluate as measure
    from edgemnist.model.arrays import wrong_way
    from edgemnist.model.opened import as_classifier, open_any
    from edgemnist.model.shipped import model_path
    from edgemnist.reading.own_data import load_data

    path = model_path(model)
    opened = None if path.suffix == ".pt" else open_any(path, threads=threads, engine=engine)
    if opened:
        names, answer = model_answers(opened)
    else:
        with extra("train"):
            from edgemnist.train.predict import checkpoint_answers
        names, answer = checkpoint_answers(path)
    if not names:
        if mistakes:
            raise ModelError(f"{path.name} is a finder; --mistakes draws what a classifier got wrong: leave it out")
        with extra("train"):
            from edgemnist.train.finder import evaluate_finder
        record = evaluate_finder(answer, load_data(data, say))
        print(record if form == "table" else json.dumps({"f1": record.score} | vars(record)))
        return
    split = load_data(data, say).validation
    probabilities = answer(split.images)
    if opened and (way := wrong_way(as_classifier(opened), split.images)):
        say(f"the images are {way}; {opened.name} knows them as MNIST has them")
    evaluation = measure(probabilities, split)
    print(as_text(evaluation, names) if form == "table" else json.dumps(as_plain(evaluation, names), allow_nan=False))
    if mistakes:
        save_contact_sheet(mistakes, contact_sheet(split, probabilities, evaluation.mistakes, names))
        say(f"the worst mistakes are in {mistakes}")


@app.command()
def verify(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="int8, fp32 or a .onnx file.")] = "int8",
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Answer these validation images too and compare the accuracy."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="Compare with this torch checkpoint (edgemnist[train])."),
    ] = None,
    engine: EngineOption = "auto",
) -> None:
    """Prove a model file right on this device, from the self-test record that it carries."""
    from edgemnist.model.opened import as_classifier, open_any
    from edgemnist.model.selftest import require_record, require_selftest
    from edgemnist.model.shipped import model_path
    from edgemnist.reading.own_data import load_data

    opened = open_any(model_path(model), engine=engine)
    if opened.info.kind == "finder" and data and not against:
        raise UsageError("--data compares a classifier's accuracy; of a finder: edgemnist evaluate FILE --data DIR")
    print(f"digest     {opened.sha256}: the file is whole")
    print(f"engine     {opened.engine}")
    print(f"self-test  {require_selftest(opened)}")
    if data or against:
        data_set = load_data(data, say)
        if opened.info.kind == "classifier":
            accuracy = require_record(as_classifier(opened), data_set.validation)
            print(f"accuracy   {accuracy.correct:,} of {accuracy.count:,} validation images correct, as recorded")
    if against:
        with extra("train"):
            from edgemnist.export.against import require_checkpoint_parity
        print(f"parity     {require_checkpoint_parity(opened, against, data_set)}")
    print("pass")


@app.command()
def benchmark(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MODEL]...", help="int8, fp32 or .onnx files; default: both that ship, in numpy int8."),
    ] = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format")] = "table",
    threads: ThreadsOption = 1,
    engine: EngineOption = "auto",
) -> None:
    """Measure what models cost on this device, and say which one it should use."""
    from edgemnist.device.benchmark import Effort
    from edgemnist.device.benchmark import benchmark as measure
    from edgemnist.device.benchmark_report import as_plain, as_text
    from edgemnist.model.session import find_engine
    from edgemnist.model.shipped import model_path

    named = models or (("int8",) if find_engine(engine) == "numpy" else ("fp32", "int8"))
    result = measure([model_path(model) for model in named], threads, Effort(), say, engine)
    print(as_text(result) if form == "table" else json.dumps(as_plain(result), allow_nan=False))
    if result.throttled:
        raise typer.Exit(CheckError.exit_code)


@app.command()
def doctor(
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="json: one object a line.")] = "table",
) -> None:
    """Check whether this machine can run edgemnist, and say what to do if it cannot."""
    from edgemnist.device.doctor import examine, exit_code, read_machine, render

    findings = examine(read_machine())
    for line in render(findings, form):
        print(line)
    raise typer.Exit(exit_code(findings))


@app.command()
def bundle(
    target: Annotated[
        str, typer.Option(help="pi: 64-bit Raspberry Pi OS; pi32: 32-bit, and any that has numpy and Pillow.")
    ] = "pi",
    platform: Annotated[
        str | None, typer.Option(metavar="TAG", help="Another platform, as manylinux_2_28_x86_64.")
    ] = None,
    python: Annotated[
        list[str] | None, typer.Option(metavar="VER", help="Another Python, as 3.12; may be given several times.")
    ] = None,
    extras: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="EXTRA", help="camera, heic or serve as well; may be given several times."),
    ] = None,
    wheel: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Our own wheel; default: built from the checkout.")
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Default: edgemnist-<version>-<target>.sh.")] = None,
) -> None:
    """Write one file that installs edgemnist on a Raspberry Pi without internet."""
    from edgemnist.bundle.make import as_text, default_path, find_target, make_bundle

    wanted = find_target(target, platform, python, extras)
    made = make_bundle(wanted, wheel, out or default_path(wanted), say)
    print(made.path)
    say(as_text(made))


def run() -> int:
    """The exit code of the command in `sys.argv`.

    Raises:
        EdgemnistError: an error that the user can cause.
    """
    arguments = sys.argv[1:]
    if "" in arguments:  # a path of no letters would be the current folder
        raise UsageError("an argument is empty; is a variable of the shell not set?")
    command = typer.main.get_command(app)
    try:
        code: int | None = command.main(arguments, "edgemnist", standalone_mode=False)
    except _CLICK_ERROR as error:
        if not arguments:
            print(error.format_message(), file=sys.stderr)  # the help
            return UsageError.exit_code
        place = error.ctx.command_path if error.ctx else "edgemnist"
        raise UsageError(f"{error.format_message().rstrip('.')}; see: {place} --help") from error
    return code or 0


def _with_progress(sources: list[str]) -> Iterator[str]:
    """The sources in turn; a person who waits for many of them sees a bar."""
    if len(sources) < LONG_LIST or not sys.stderr.isatty():
        yield from sources
        return
    with typer.progressbar(sources, file=sys.stderr) as bar:
        yield from bar
