"""`python -m edgemnist`."""

from edgemnist.cli import main

main()
