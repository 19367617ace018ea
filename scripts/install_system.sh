#!/usr/bin/env bash
# Install what pip cannot: ngspice, its shared library and, on Debian, Python's venv, when they are missing;
# with the argument `browser` also Chromium, in which tests open reports.
set -euo pipefail

# `python3 -m venv` needs a package of its own on Debian and Ubuntu
has_venv() { "${PYTHON:-python3}" -c "import ensurepip" 2>/dev/null; }
has_library() { [[ "$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null)" == *libngspice* ]]; }
has_browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null; }
wants_browser() { [ "${1:-}" = browser ] && ! has_browser; }

if command -v ngspice >/dev/null && has_library && has_venv && ! wants_browser "$@"; then
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  echo "ngspice and its shared library are needed and this system has no apt-get." >&2
  echo "Install them first: Fedora 'dnf install ngspice libngspice', macOS 'brew install ngspice libngspice'." >&2
  exit 3
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "ngspice is missing and this user may not install it. Ask for: apt-get install ngspice libngspice0" >&2
    exit 3
  fi
  as_root=(sudo)
fi
packages=(ngspice libngspice0)
has_venv || packages+=(python3-venv)
if wants_browser "$@"; then packages+=(chromium); fi
echo "Installing ${packages[*]} with apt-get ..." >&2
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
