"""What requests are answered with: one classifier, one queue, one set of counters."""

from dataclasses import dataclass

from edgemnist.serve.body import Bodies
from edgemnist.serve.examples import Examples
from edgemnist.serve.metrics import Metrics
from edgemnist.serve.predict import Reader
from edgemnist.serve.turns import Turns


@dataclass(frozen=True)
class Server:
    """What the routes share."""

    reader: Reader
    examples: Examples | None
    """None where nothing is collected."""
    bodies: Bodies
    turns: Turns
    metrics: Metrics
