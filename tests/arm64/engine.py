"""Answer images or pages with a model in numpy, and save the values: logits, or those of maps.

python engine.py MODEL INPUTS.npy OUT.npy
"""

import sys
from pathlib import Path

import numpy as np

from edgemnist.model.opened import open_any, run_values
from edgemnist.model.selftest import require_selftest

model = open_any(Path(sys.argv[1]), engine="numpy")
print(model.engine, require_selftest(model))
np.save(sys.argv[3], run_values(model, np.load(sys.argv[2])))
