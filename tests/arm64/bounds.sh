#!/usr/bin/env bash
# The five worst pictures in one watched folder, on a whole machine of 512 MB as a Zero 2 W has it: each gets a line, the
# process lives on. `make arm64` must have run.
set -euo pipefail
cd "$(dirname "$0")/../.."
place=build/arm64/device
python=${PYTHON:-.venv/bin/python}
rm -rf "$place/worst"
mkdir -p "$place/worst"
cp tests/arm64/watched.py "$place"
for name in webp-34-bytes.webp progressive-1000-scans.jpg gif-comments.gif png-1x39m.png png-39mp-alpha.png; do
    "$python" -c "import sys; sys.path.insert(0, 'tests/faults')
import pathlib, hostile
hostile.make('$name', pathlib.Path('$place/worst/$name'))"
done
tests/arm64/boot.sh 512 "$place" "
    exec python3 $place/watched.py $place/worst $place/bookworm/bin/edgemnist infer --watch $place/worst --format json"
