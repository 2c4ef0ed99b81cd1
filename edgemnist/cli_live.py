"""The commands that run until they are told to stop, in the form of cli.py: each needs an extra of its own."""

from pathlib import Path
from typing import Annotated

import typer

from edgemnist.cli_options import ModelOption
from edgemnist.process import extra, hush, say


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

    import warnings

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
