"""Has a service read the worst pictures, one after the other, and prints what it said and the peak of its memory.

    python watched.py FOLDER COMMAND...    as python watched.py pictures edgemnist infer --watch pictures

Ends with 1 when a picture gets no line, or the process does not live on.
"""

import subprocess
import sys
from pathlib import Path

folder, command = Path(sys.argv[1]), sys.argv[2:]
pictures = {str(path) for path in folder.iterdir()}
child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
assert child.stdout is not None
waiting = set(pictures)
for line in child.stdout:
    print(line, end="", flush=True)
    waiting -= {path for path in pictures if f'"source": "{path}"' in line}
    if not waiting:
        break
alive = child.poll() is None
status = Path(f"/proc/{child.pid}/status").read_text(encoding="utf-8") if alive else ""
child.terminate()
child.communicate()
(peak_kib,) = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")] or [0]
print(f"{len(pictures)} pictures, alive: {alive}, peak memory: {peak_kib * 1024 / 1e6:.0f} MB", flush=True)
sys.exit(bool(waiting) or not alive)
