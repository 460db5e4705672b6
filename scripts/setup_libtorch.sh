#!/usr/bin/env bash
# Puts libtorch 2.4.0 (CPU) into build/libtorch, for the cargo feature `rust-bert`, and prints the settings that the build and
# the program need. From the PyTorch wheel of PyPI, which is the CUDA build: its CPU libraries are taken, with the two
# small CUDA libraries that they are linked to; no GPU package, no import of torch. Linux x86-64 only: elsewhere set LIBTORCH to an
# unpacked libtorch 2.4.0. Installs the compiler and Python where they are missing (scripts/setup.sh).
#
#   eval "$(bash scripts/setup_libtorch.sh)"
#   cargo build --release --features rust-bert
set -euo pipefail
cd "$(dirname "$0")/.."
target=build/libtorch
if [ ! -f "$target/lib/libtorch.so" ]; then
  [ "$(uname -sm)" = "Linux x86_64" ] || { echo "setup_libtorch: no wheel for $(uname -sm); set LIBTORCH by hand" >&2; exit 1; }
  bash scripts/setup.sh >&2
  mkdir -p build
  work=$(mktemp -d "$PWD/build/libtorch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  bash scripts/pip_download.sh --python-version 3.11 --platform manylinux1_x86_64 \
    --dest "$work" torch==2.4.0 nvidia-cuda-cupti-cu12==12.1.105 nvidia-cuda-runtime-cu12==12.1.105 >&2
  python3 - "$work" <<'PY' >&2
import pathlib, sys, zipfile

work = pathlib.Path(sys.argv[1])
lib, root = work / "libtorch" / "lib", work / "libtorch"
lib.mkdir(parents=True)
CPU = ("libc10.so", "libtorch_cpu.so", "libgomp", "libtorch_global_deps.so")
for wheel in work.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = pathlib.PurePosixPath(name)
            if name.startswith("torch/lib/") and path.name.startswith(CPU):
                (lib / path.name).write_bytes(archive.read(name))
            elif name.startswith("torch/include/") and not name.endswith("/"):
                out = root / path.relative_to("torch")
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_bytes(archive.read(name))
            elif path.name in ("libcupti.so.12", "libcudart.so.12"):
                (lib / path.name).write_bytes(archive.read(name))
    wheel.unlink()
PY
  # The wheel's own libtorch.so asks for the CUDA half; an empty one that asks for the CPU half stands in for it.
  echo "" | gcc -shared -x c - -o "$work/libtorch/lib/libtorch.so" -L"$work/libtorch/lib" -Wl,--no-as-needed -ltorch_cpu -lc10 \
    -Wl,--allow-shlib-undefined >&2
  mv "$work/libtorch" "$target"
fi
echo "export LIBTORCH=\"$PWD/$target\" LIBTORCH_CXX11_ABI=0 LD_LIBRARY_PATH=\"$PWD/$target/lib\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\""
