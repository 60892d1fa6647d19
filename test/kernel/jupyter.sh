#!/bin/sh
# jupyter.sh [KERNEL [RESULTS]]: runs Debian's jupyter_kernel_test on the built kernel, or on stock tslab (`tslab`), in an
# environment of its own; RESULTS gets the outcome of each test as JSON. Skips, and says why, where Python or the module is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-/usr/bin/python3}
kernel=${1:-mremap}

skip() {
  echo "jupyter_kernel_test: skipped: $1"
  exit 0
}

[ -x "$python" ] || skip "there is no $python (set PYTHON to another)"
(cd / && "$python" -c 'import jupyter_kernel_test') 2>/dev/null ||
  skip "$python has no module jupyter_kernel_test (Debian: apt install python3-jupyter-kernel-test)"

work=$(mktemp -d)
# The kernel of a killed test ends by itself: it watches its parent.
trap 'rm -rf "$work"' EXIT

if [ "$kernel" = tslab ]; then
  # As `tslab install` writes it, but with absolute paths.
  mkdir -p "$work/share/jupyter/kernels/tslab"
  printf '{"argv": ["%s", "%s", "kernel", "--config-path", "{connection_file}"], "display_name": "tslab", "language": "typescript"}\n' \
    "$(command -v node)" "$root/node_modules/tslab/bin/tslab" >"$work/share/jupyter/kernels/tslab/kernel.json"
else
  node --input-type=module -e "
    import { installKernelspec } from '$root/dist/kernel/index.js';
    await installKernelspec({ prefix: '$work' });
  "
fi
status=0
# To a file: while a kernel lives, it holds the other end of a pipe open.
JUPYTER_PATH="$work/share/jupyter" JUPYTER_RUNTIME_DIR="$work/runtime" JUPYTER_CONFIG_DIR="$work/config" HOME="$work" \
  timeout -k 5 "${SECONDS_AT_MOST:-300}" "$python" "$here/jupyter_kernel_test.py" "$kernel" "${2:-}" >"$work/log" 2>&1 </dev/null || status=$?
cat "$work/log"
exit "$status"
