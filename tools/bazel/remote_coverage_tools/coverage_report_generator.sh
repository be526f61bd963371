#!/bin/sh
echo "bazel coverage: Debian does not package the report generator." >&2
exit 1
