#!/usr/bin/env bash
# Makes one environment for each library that compare_peers.py compares; those that exist stay as they are. Where there
# is no npm, onnxruntime-web is left out.
#
#   environments.sh FOLDER [PIP ARGUMENTS...]
set -euo pipefail
checkout=$(cd "$(dirname "$0")/../.." && pwd)
folder=$1
shift
make_environment() {
    local name=$1
    shift
    [ -d "$folder/$name" ] && return
    rm -rf "$folder/$name.part"
    python3 -m venv "$folder/$name.part"
    "$folder/$name.part/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    mv "$folder/$name.part" "$folder/$name"
}
make_environment edgemnist "$@" "$checkout"
make_environment onnxruntime "$@" onnxruntime numpy
make_environment openvino "$@" openvino numpy
make_environment litert "$@" ai-edge-litert numpy
make_environment torch "$@" torch numpy
make_environment opencv "$@" opencv-python-headless numpy
if command -v node npm > /dev/null && [ ! -d "$folder/web" ]; then
    rm -rf "$folder/web.part"
    npm install --silent --no-fund --no-audit --prefix "$folder/web.part" onnxruntime-web
    mv "$folder/web.part" "$folder/web"
fi
