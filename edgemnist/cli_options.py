"""Options that several commands have."""

from pathlib import Path
from typing import Annotated, Literal

import typer

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data",
        envvar="EDGEMNIST_DATA",
        metavar="PATH",
        help="IDX files, CSV, .npz, or pictures in folders 0 to 9; default: MNIST, downloaded once.",
    ),
]
ModelOption = Annotated[
    str, typer.Option("--model", metavar="MODEL", help="int8 or fp32, the models that ship, or a .onnx file.")
]
ThreadsOption = Annotated[int, typer.Option(help="Threads of onnxruntime; one picture gains nothing from more.")]
EngineOption = Annotated[
    Literal["auto", "onnxruntime", "numpy"],
    typer.Option(help="What runs the model; numpy runs int8, the same bits: auto where onnxruntime is not installed."),
]
RotateOption = Annotated[int, typer.Option(metavar="90|180|270", help="Turn pictures clockwise before they are read.")]
CropOption = Annotated[
    str | None, typer.Option(metavar="X,Y,W,H", help="Read this part of pictures: pixels, or percent as 25%.")
]
