"""`python -m edgemnist`, and what the command `edgemnist` starts."""

import signal


def main() -> None:
    """Run the command line; Ctrl-C is quiet before anything else is imported."""
    # Nothing has been begun: it may end the process at once. `process` has it heard from its first line on.
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from edgemnist.process import main as run

    run()


if __name__ == "__main__":
    main()
