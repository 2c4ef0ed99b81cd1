"""Make maps of pages with a finder, graph optimisation off and on, and save what comes out.

python maps.py MODEL PAGES.npz OUT.npz
"""

import sys
from pathlib import Path

import numpy as np

from edgemnist.model.opened import open_finder
from edgemnist.model.selftest import require_selftest
from edgemnist.model.session import run_outputs

model, found = Path(sys.argv[1]), {}
with np.load(sys.argv[2]) as pages:
    for state in ("off", "on"):
        opened = open_finder(model, optimize=state == "on")
        print(require_selftest(opened))
        for name, some in pages.items():
            (found[f"{name}_{state}"],) = run_outputs(opened.session, some, opened.info.interface)
np.savez(sys.argv[3], **found)
