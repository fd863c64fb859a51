#!/usr/bin/env bash
# Makes .venv from the lock. Quick when nothing changed: a stamp keeps the digest of what it was
# made from. Wants Python 3.11 or newer and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
# PostgreSQL may have to run under another account than the one that installs.
umask 022

stamp=.venv/.multicanvas-setup
wanted=$(cat requirements.lock deploy/setup.sh libs/*/pyproject.toml services/*/pyproject.toml \
  cli/pyproject.toml | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  exit 0
fi

say() { printf 'setup: %s\n' "$*" >&2; }

# Installs Debian packages where this machine lets us; says what is missing where it does not.
debian() {
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "installing $* (Debian)"
    apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$@" >/dev/null && return 0
  fi
  say "could not install $*: $(printf 'please run: apt-get install %s' "$*")"
  return 1
}

has_library() { ldconfig -p 2>/dev/null | grep -q "$1"; }

missing=()
# Kafka's jars come by Maven; the text and shape engine links against EGL and GL.
command -v mvn >/dev/null || missing+=(maven)
has_library libEGL.so.1 || missing+=(libegl1)
has_library libGL.so.1 || missing+=(libgl1)
# For the one test that runs through a transaction pooler.
{ command -v pgbouncer || [ -x /usr/sbin/pgbouncer ]; } >/dev/null || missing+=(pgbouncer)
if [ ${#missing[@]} -gt 0 ]; then
  debian "${missing[@]}" || true
fi

python=
for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
  if [ -n "$candidate" ] && "$candidate" -c \
    'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  say "Python 3.11 or newer is needed"
  exit 1
fi

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
  say "making .venv with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv || { debian python3-venv && "$python" -m venv .venv; }
fi

uv_version=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.lock)
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$uv_version" ]; then
  .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version"
fi

say "installing the locked packages"
export VIRTUAL_ENV="$PWD/.venv"
.venv/bin/uv pip sync --quiet --require-hashes requirements.lock
editable=()
for folder in libs/* services/* cli; do
  editable+=(-e "./$folder")
done
.venv/bin/uv pip install --quiet --no-deps --no-build-isolation "${editable[@]}"

printf '%s' "$wanted" >"$stamp"
