#!/bin/sh
# Reads the secrets that were made for this service alone, then runs it.
set -eu
if [ -f /run/multicanvas/env ]; then
  set -a
  . /run/multicanvas/env
  set +a
fi
exec python -m "$SERVICE" "$@"
