"""Run a command and print the peak of its memory.

python peak.py COMMAND...
"""

import resource
import subprocess
import sys

code = subprocess.call(sys.argv[1:])
peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(f"peak memory: {peak_kib * 1024 / 1e6:.0f} MB ({sys.argv[1].rpartition('/')[2]} {sys.argv[2]})", flush=True)
sys.exit(code)
