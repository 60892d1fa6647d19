"""Debian's jupyter_kernel_test, with every sample filled in, on the kernel whose name is the first argument.

Run by jupyter.sh. The suite skips a test whose sample is empty, and says nothing; here a skipped test
is a failure unless its class says why. It has no test of interrupts and of stop_on_error: those are added.
"""

import json
import os
import sys
import time
import unittest

# This file has the name of the package it needs, and stands first on the path.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != HERE]

import jupyter_kernel_test as jkt  # noqa: E402
from jupyter_kernel_test.msgspec_v5 import validate_message  # noqa: E402

VEGA_LITE = "application/vnd.vegalite.v5+json"


class FilledInTests(jkt.KernelTests):
    """What the suite leaves out, for any kernel."""

    code_endless = ""
    why_skipped = {}

    def interrupt_after(self, seconds, code):
        self.flush_channels()
        msg_id = self.kc.execute(code)
        time.sleep(seconds)
        self.km.interrupt_kernel()
        reply = self.get_non_kernel_info_reply(timeout=jkt.TIMEOUT)
        validate_message(reply, "execute_reply", msg_id)
        self.assertEqual(reply["content"]["status"], "error")
        self.flush_channels()

    def test_interrupt(self):
        for code in self.code_endless:
            with self.subTest(code=code):
                self.interrupt_after(1, code)
                reply, _ = self.execute_helper(self.code_hello_world)
                self.assertEqual(reply["content"]["status"], "ok")

    def test_stop_on_error(self):
        self.flush_channels()
        sent = [self.kc.execute(code) for code in (self.code_generate_error, self.code_hello_world)]
        statuses = {}
        while len(statuses) < len(sent):
            reply = self.get_non_kernel_info_reply(timeout=jkt.TIMEOUT)
            statuses[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
        self.assertEqual([statuses[i] for i in sent], ["error", "aborted"])
        self.flush_channels()
        # What is sent once the reply is known runs.
        reply, _ = self.execute_helper(self.code_hello_world)
        self.assertEqual(reply["content"]["status"], "ok")


MOVE = """let old = 1G, new = 2G
mmap(old, 4M, PROT_READ|PROT_WRITE, MAP_ANONYMOUS|MAP_PRIVATE|MAP_FIXED, -1, 0) = old
memset(old, 0xff, 4M)
m = mremap(old, 4M, 4M, MREMAP_MAYMOVE|MREMAP_FIXED, new)
"""


class MremapKernelTests(FilledInTests):
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
    code_page_something = "%help mremap"
    code_generate_error = "expect 1 == 2"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "let a = 2\na + 1", "result": "3"},
        {"code": "%%ts\nlab.records.length >= 0", "result": "true"},
        {"code": '%%ts\n({ mark: "bar", data: { values: [{ a: 1 }] }, encoding: { x: { field: "a" } } })', "mime": VEGA_LITE},
        {"code": "sweep n in 1..3 { yield n }\nit", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": MOVE + "show moves m", "mime": VEGA_LITE},
        {"code": MOVE + "show moves m", "mime": "image/png"},
        {"code": "sweep n in 1..3 { yield n }", "mime": "text/html"},
        {"code": "%%maps\n40000000-40200000 rw-p 00000000 00:00 0", "mime": "image/png"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 [*] ?"
    code_inspect_sample = "mremap"
    code_clear_output = "%clear"
    code_endless = [
        "sweep n in 0..90000 { mmap(1G, 1G, rw, anon|private|fixed)\n touch(1G, 1G)\n yield n }",
        "%%ts\nfor (;;) {}",
        "%%ts\nawait new Promise((r) => setTimeout(r, 20));\nfor (;;) {}",
        "%%ts\nawait new Promise(() => {})",
    ]


class TslabKernelTests(FilledInTests):
    """The same of stock tslab, in its own language, as far as that has what a sample asks for."""

    kernel_name = "tslab"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oh no")'
    completion_samples = [{"text": "Math.hypo", "matches": {"hypot"}}]
    complete_code_samples = ["6 * 7", "const a = 1"]
    incomplete_code_samples = ["function f() {"]
    invalid_code_samples = ["let a = = 1"]
    code_page_something = "?Math"
    code_generate_error = 'throw new Error("no")'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": "1 + 2", "result": "3"}]
    code_display_data = [
        {"code": 'import { display } from "tslab";\ndisplay.html("<b>x</b>");', "mime": "text/html"},
    ]
    supported_history_operations = ("tail", "range", "search")
    code_history_pattern = "6 [*] ?"
    code_inspect_sample = "Math"
    code_clear_output = 'import * as tslab from "tslab";\n(tslab as any).clearOutput()'
    code_endless = ["for (;;) {}", "await new Promise(() => {})"]


SUITES = {"mremap": MremapKernelTests, "tslab": TslabKernelTests}


def main(kernel, results):
    # Interrupts last: a kernel that does not heed one is of no use to the tests that follow.
    names = sorted(unittest.defaultTestLoader.getTestCaseNames(SUITES[kernel]), key=lambda name: (name == "test_interrupt", name))
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(map(SUITES[kernel], names)))
    outcome = {name: "passed" for name in names}
    for kind, found in (("skipped", result.skipped), ("failed", result.failures), ("error", result.errors)):
        for test, _ in found:
            # A sub-test is part of its test.
            owner = getattr(test, "test_case", test)
            outcome[owner.id().rsplit(".", 1)[-1]] = kind
    if results:
        with open(results, "w") as out:
            json.dump(outcome, out, indent=1)
    unexplained = {name for name, kind in outcome.items() if kind == "skipped"} - set(SUITES[kernel].why_skipped)
    for name in sorted(unexplained):
        print(f"skipped, and nobody says why: {name}", file=sys.stderr)
    return 0 if result.wasSuccessful() and not unexplained and len(names) >= 14 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
