#!/usr/bin/env bash
# Install ngspice and its shared library when they are missing.
set -euo pipefail

has_library() { ldconfig -p 2>/dev/null | grep -q libngspice; }

if command -v ngspice >/dev/null && has_library; then
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
echo "Installing ngspice and libngspice0 with apt-get ..." >&2
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends ngspice libngspice0 >/dev/null
