#!/usr/bin/env bash
# Pumice against llama.cpp's CPU backend (the PyPI package llama-cpp-python, which compiles it) on
# the same file and machine; Benchmarks/lib/compare.sh lists the variables.
#
#   LLAMA_PYTHON   a Python that has llama-cpp-python[server]; otherwise one is made in .toolchain
#   LLAMA_SERVER   another command to start instead, such as llama-server's, with its own flags;
#                  it must listen on 127.0.0.1:$PORT
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$here/lib/compare.sh"

MODEL=${MODEL:-$("$root/Scripts/fetch-model")}
PORT=${PORT:-8571}
# shellcheck disable=SC2034 # compare reads them
peer_name=llama.cpp
if [[ -n ${LLAMA_SERVER:-} ]]; then
    # shellcheck disable=SC2206,SC2034 # words of a command
    peer_command=($LLAMA_SERVER)
else
    if [[ -z ${LLAMA_PYTHON:-} ]]; then
        # shellcheck source=/dev/null
        . "$root/Scripts/lib/python-environment.sh"
        LLAMA_PYTHON=$root/.toolchain/llama/bin/python
        python_environment "$root/.toolchain/llama"
        "$LLAMA_PYTHON" -c 'import llama_cpp.server' 2>/dev/null ||
            "$root/.toolchain/llama/bin/pip" --disable-pip-version-check install -q \
                'llama-cpp-python[server]' || fail "llama-cpp-python cannot be installed"
    fi
    # shellcheck disable=SC2034
    peer_command=("$LLAMA_PYTHON" -m llama_cpp.server --model "$MODEL" --host 127.0.0.1
        --port "$PORT" --n_ctx 4096)
fi
compare
