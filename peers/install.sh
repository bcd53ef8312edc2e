#!/bin/sh
# Makes a Python environment in DIR that holds the peers at fixed versions.
#
#   ./install.sh [--nest|--brian2] DIR [PYTHON]        PYTHON defaults to python3 (tried with 3.11)
#
# With --nest it holds NEST and numpy alone, with --brian2 Brian2 and numpy: what the tests of exported scripts need.
# numpy stays below 2.4, with which Brian2 2.9 cannot be imported.
# Running it again on a finished environment changes nothing and takes a second.
set -eu

pins="nest-simulator==3.10.0 numpy==2.3.5"
peers="nest"
if [ "${1:-}" = --nest ]; then
    shift
elif [ "${1:-}" = --brian2 ]; then
    shift
    pins="brian2==2.9.0 numpy==2.3.5"
    peers="brian2"
else
    pins="$pins nnmt==1.3.0 scipy==1.17.1"
    peers="nest nnmt"
fi
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: $0 [--nest|--brian2] DIR [PYTHON]" >&2
    exit 2
fi
dir=$1
python=${2:-python3}

if [ "$(cat "$dir/peers.pins" 2>/dev/null || true)" != "$pins" ]; then
    [ -x "$dir/bin/python" ] || "$python" -m venv "$dir"
    # shellcheck disable=SC2086  # the pins are separate words
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary nest-simulator,brian2,numpy,scipy $pins
    for peer in $peers; do
        "$dir/bin/python" -c "import $peer" >/dev/null || { echo "error: $peer is installed but cannot be imported" >&2; exit 1; }
    done
    echo "$pins" >"$dir/peers.pins"
fi

echo "peers: $dir/bin/python ($pins)" >&2
