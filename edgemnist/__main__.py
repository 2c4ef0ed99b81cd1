"""`python -m edgemnist`."""

from edgemnist.process import main

main()
