#!/bin/sh
# pinned.sh yes|no IMAGE…: refuses images that are not named by digest, unless the first word is `no`.
set -eu
[ "$1" = no ] && exit 0
shift
for image; do
  if ! printf '%s\n' "$image" | grep -Eq '@sha256:[0-9a-f]{64}$'; then
    echo "$image is not named by digest (NAME@sha256:…): a tag can be moved. To try things, set PINNED=no." >&2
    exit 1
  fi
done
