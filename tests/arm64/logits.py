"""Answer images with a model, graph optimisation off and on, and save what comes out.

python logits.py MODEL IMAGES.npy OUT.npz
"""

import sys
from pathlib import Path

import numpy as np

from edgemnist.model.opened import open_model, run

model, images, out = Path(sys.argv[1]), np.load(sys.argv[2]), sys.argv[3]
off, on = (run(open_model(model, optimize=optimize), images) for optimize in (False, True))
np.savez(
    out,
    logits_off=off.logits,
    logits_on=on.logits,
    probabilities_off=off.probabilities,
    probabilities_on=on.probabilities,
)
