"""Debian's jupyter_kernel_test on the kernel `mremap`, as installed under JUPYTER_PATH.

Run by jupyter.sh. The suite skips a test whose sample is empty, silently; here nothing may be.
"""

import os
import sys
import unittest

# This file has the name of the package it needs, and stands first on the path.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != HERE]

import jupyter_kernel_test as jkt  # noqa: E402

MOVE = """let old = 1G, new = 2G
mmap(old, 4M, PROT_READ|PROT_WRITE, MAP_ANONYMOUS|MAP_PRIVATE|MAP_FIXED, -1, 0) = old
memset(old, 0xff, 4M)
m = mremap(old, 4M, 4M, MREMAP_MAYMOVE|MREMAP_FIXED, new)
"""
VEGA_LITE = "application/vnd.vegalite.v5+json"


class MremapKernelTests(jkt.KernelTests):
    kernel_name = "mremap"
    language_name = "mremap"
    file_extension = ".mremap"

    code_hello_world = 'print "hello, world"'
    code_stderr = '%%ts\nconsole.error("oh no")'
    completion_samples = [
        {"text": "mrem", "matches": {"mremap"}},
        {"text": "%ls", "matches": {"%lsmagic"}},
        {"text": "%%ts\nlab.loo", "matches": {"lookup"}},
    ]
    complete_code_samples = ["6 * 7", "let a = 1", "p = mmap(NULL, 4096, rw, anon|private)", "%%ts\nconst a = 1"]
    incomplete_code_samples = ["p = mmap(NULL,", "for x in 0..3 {", "%%ts\nfunction f() {"]
    invalid_code_samples = ["let a = = 1", "%%no_such_language\n1"]
    code_page_something = "?mremap"
    code_generate_error = "expect 1 == 2"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "let a = 2\na + 1", "result": "3"},
        {"code": "%%ts\nlab.records.length >= 0", "result": "true"},
        {"code": '%%ts\n({ mark: "bar", data: { values: [{ a: 1 }] }, encoding: { x: { field: "a" } } })', "mime": VEGA_LITE},
    ]
    code_display_data = [
        {"code": MOVE + "show moves m", "mime": VEGA_LITE},
        {"code": MOVE + "show moves m", "mime": "image/png"},
        {"code": MOVE + "show steps m", "mime": "text/html"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 [*] ?"
    code_inspect_sample = "mremap"
    code_clear_output = "%%ts\nlab.clearOutput()"


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    for test, reason in result.skipped:
        print(f"skipped, which must not be: {test}: {reason}", file=sys.stderr)
    sys.exit(0 if result.wasSuccessful() and not result.skipped and result.testsRun >= 12 else 1)
