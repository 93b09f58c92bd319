#!/usr/bin/env bash
# Builds a real Ollama server from its Go module, once, and prints the path of its binary.
set -euo pipefail

# The newest release whose Go module is whole: later ones keep C++ headers in a folder named
# `vendor`, which module archives leave out.
version=v0.11.4
directory="${XDG_CACHE_HOME:-$HOME/.cache}/jetson-voice/ollama-$version"
binary="$directory/ollama"

if [[ -x $binary ]]; then
    echo "$binary"
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "build_ollama.sh: Go is missing: install it to build Ollama $version" >&2
    exit 1
fi

mkdir -p "$directory"
work="$(mktemp -d "$directory/build.XXXXXX")"
trap 'rm -rf "$work"' EXIT

# The server computes in the CPU code that cgo compiles in; without AVX2 its quantized products
# are scalar, and answers come four times slower.
flags=-O2
if [[ $(uname -m) == x86_64 ]] && grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo &&
    grep -qw f16c /proc/cpuinfo && grep -qw bmi2 /proc/cpuinfo; then
    flags+=" -march=x86-64-v3"
fi

echo "build_ollama.sh: building Ollama $version, for some minutes" >&2
CGO_ENABLED=1 CGO_CFLAGS="$flags" CGO_CXXFLAGS="$flags" \
    GOBIN="$work" GOCACHE="$work/cache" \
    go install -p 2 -trimpath \
    -ldflags "-s -w -X github.com/ollama/ollama/version.Version=${version#v}" \
    "github.com/ollama/ollama@$version" >&2
mv -T "$work/ollama" "$binary"
echo "$binary"
