"""The commands that run until they are told to stop, in the form of cli.py: each needs an extra of its own."""

import contextlib
import warnings
from pathlib import Path
from typing import Annotated, Literal

import typer

from edgemnist.cli_options import CropOption, ModelOption, RotateOption
from edgemnist.process import extra, hush, say


def camera(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="/dev/video0, rpicam, an rtsp or http address, - for MJPEG on stdin, or a video file.",
        ),
    ],
    every: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Print the reading again after so long without a change.")
    ] = None,
    rate: Annotated[float, typer.Option(metavar="FPS", help="Frames read in a second, at most.")] = 5,
    crop: CropOption = None,
    region: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=X,Y,W,H", help="Read this part, as with --crop; may be given several times."),
    ] = None,
    rotate: RotateOption = 0,
    row: Annotated[bool, typer.Option("--row", help="Frames show rows of digits: a meter, an amount.")] = False,
    digits: Annotated[
        int | None, typer.Option(metavar="N", help="Rows have so many digits; others are doubtful. Implies --row.")
    ] = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="json: one object a line.")] = "table",
    collect: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep doubtful digits there: edgemnist label DIR labels them.")
    ] = None,
    model: ModelOption = "int8",
) -> None:
    """Read what stands before a camera, again and again.

    /dev/video0, RTSP and videos need the extra edgemnist[camera].
    """
    from edgemnist.camera.options import CameraOptions, parse_regions
    from edgemnist.camera.report import as_line
    from edgemnist.camera.watch import watch_camera
    from edgemnist.classifier import Classifier
    from edgemnist.infer.collect import Collector

    options = CameraOptions(row, digits, rate, every, crop, parse_regions(region or []))
    hush()
    # Pillow warns of odd metadata; what it cannot read becomes an error of ours.
    warnings.filterwarnings("ignore", module="PIL")
    collector = Collector(collect, say, everything=False) if collect else None
    exit_codes = {0}
    with contextlib.closing(watch_camera(source, options, Classifier(model, rotate=rotate), say)) as readings:
        for reading in readings:
            exit_codes.add(collector.keep(reading.answer) if collector else 0)
            print(as_line(reading, form), flush=True)
    raise typer.Exit(max(exit_codes))


def serve(
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0: wherever this machine is reached.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: one that is free.")] = 8000,
    model: ModelOption = "int8",
    threads: Annotated[
        int | None, typer.Option(min=1, max=64, help="Pictures that are read at once; default: a core each, at most 4.")
    ] = None,
    token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Answer only who brings the token in this file.")
    ] = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Listen beyond this machine without a token.")] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Another name of this machine, as raspberrypi.local; may be given several times."
        ),
    ] = None,
    collect: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep doubtful and corrected digits there, to learn from.")
    ] = None,
) -> None:
    """Read pictures over HTTP, and show a page to draw on (needs the extra edgemnist[serve])."""
    with extra("serve"):
        from edgemnist.serve.app import make_app
        from edgemnist.serve.listen import bind, serve_until_told, url_of
        from edgemnist.serve.rules import rules_of

    from edgemnist.classifier import Classifier
    from edgemnist.infer.ahead import workers_for

    hush()
    # Pillow warns of odd metadata; what it cannot read becomes an error of ours.
    warnings.filterwarnings("ignore", module="PIL")
    rules = rules_of(host, allow_host or [], token_file, insecure)
    classifier = Classifier(model)
    listening = bind(host, port)
    app = make_app(classifier, rules, threads or workers_for(64), collect, say)
    print(url_of(listening), flush=True)
    serve_until_told(app, listening)
