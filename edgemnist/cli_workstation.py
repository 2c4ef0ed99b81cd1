"""The commands of the workstation, in the form of cli.py: they need the extra edgemnist[train]."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from edgemnist.cli_options import DataOption
from edgemnist.errors import UsageError
from edgemnist.process import extra, hush, parting, say


def train(
    data: DataOption = None,
    out: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Folder of the run; default: runs/<date and time>.")
    ] = None,
    network: Annotated[
        Literal["classifier", "finder"], typer.Option(help="finder: what finds digits on pages, trained on drawn ones.")
    ] = "classifier",
    epochs: Annotated[
        int | None, typer.Option(help="Passes over the training images or pages; default: 20, of the finder 10.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Images or pages per step; default: 128, of the finder 8.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same machine: the same network.")] = 0,
    float32: Annotated[bool, typer.Option("--float32", help="Compute in float32 even where bf16 is faster.")] = False,
    resume: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Go on with an interrupted run; its own options hold.")
    ] = None,
    init: Annotated[
        Path | None,
        typer.Option(metavar="CHECKPOINT", help="Begin with these weights; own pictures: default those that ship."),
    ] = None,
    only_mine: Annotated[
        bool, typer.Option("--only-mine", help="Own pictures alone, without MNIST beside them: it is forgotten.")
    ] = False,
) -> None:
    """Train the network, or teach it your own digits (needs the extra edgemnist[train])."""
    with extra("train"):
        from edgemnist.reading.own_data import load_data
        from edgemnist.train import loop, runs
        from edgemnist.train.device import choose_device
        from edgemnist.train.display import Display
        from edgemnist.train.start import Wish, comparison, prepare

    if resume and (out or init or only_mine):
        raise UsageError("--resume goes on with a run as it began; leave --out, --init and --only-mine out")
    choose_device(device)
    hush()
    wish = Wish(network, data, init, only_mine, epochs, batch_size, bfloat16=not float32)
    start = None if resume else prepare(wish, say)
    data_set = start.data if start else load_data(data, say)
    run = resume or out or runs.new_run_folder()
    try:
        if start:
            loop.begin(start.data, start.recipe, run, seed=seed, initial=start.initial, taught=start.taught)
        with Display(run) as display:
            checkpoint = loop.resume(data_set, run, device=device, progress=display)
    except KeyboardInterrupt:
        if runs.checkpoint_path(run).exists():
            say(f"stopped; go on with: edgemnist train --resume {run}")
        raise
    print(runs.checkpoint_path(run))
    if checkpoint.taught:
        say(comparison(checkpoint, checkpoint.taught))
    say(f"next: edgemnist export {runs.checkpoint_path(run)} --quantize")


def export(
    checkpoint: Annotated[
        Path | None, typer.Argument(metavar="[CHECKPOINT]", help="Default: the newest run's.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the models; default: beside the checkpoint.")
    ] = None,
    quantize: Annotated[bool, typer.Option("--quantize", help="Write the int8 model too.")] = False,
    portable: Annotated[
        bool, typer.Option("--portable", help="The same, but for other runtimes: in standard ONNX operators only.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Write the ONNX files of a checkpoint, proven against torch (needs the extra edgemnist[train])."""
    with extra("train"):
        from edgemnist.export.exporter import export_checkpoint
        from edgemnist.export.summary import as_text
        from edgemnist.reading.own_data import load_data
        from edgemnist.train.runs import newest_checkpoint

    path = checkpoint or newest_checkpoint()
    folder = out or path.parent
    int8 = quantize or portable
    with parting(f"stopped; no model in {folder} is half written"):
        data_set = load_data(data, say)
        print(as_text(export_checkpoint(path, folder, data_set, quantize=int8, portable=portable, announce=say)))
