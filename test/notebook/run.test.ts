/** Notebooks through the real kernel process. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkOutputs } from '../../notebook/check-outputs.js';
import { KernelClient } from '../../notebook/client.js';
import { readNotebook } from '../../notebook/read.js';
import { runNotebook } from '../../notebook/run.js';
import { writeNotebook } from '../../notebook/write.js';
import { code, markdown, notebook, stdout } from './kit.js';

let temporary = '';

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'mremap-lab-test-'));
  mkdirSync(join(temporary, 'tmp'));
  vi.stubEnv('TMPDIR', join(temporary, 'tmp'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  // Whatever a test did: no file and no process is left.
  const [files, processes] = [readdirSync(join(temporary, 'tmp')), processesNaming(temporary)];
  rmSync(temporary, { recursive: true, force: true });
  expect({ files, processes }).toEqual({ files: [], processes: [] });
});

function processesNaming(text: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((command) => command.includes(text));
}

const fixture = readNotebook(readFileSync(new URL('fixtures/down.ipynb', import.meta.url), 'utf8'));

describe('a notebook', () => {
  it('runs, and the same run gives the same bytes', async () => {
    const [first, second] = [await runNotebook(fixture), await runNotebook(fixture)];
    expect(first).toMatchObject({ ok: true, left: 0 });
    expect(first.cells.map(({ number, outcome, report }) => [number, outcome, report.statements, report.expectations.held])).toEqual([
      [1, 'ok', 5, 0],
      [2, 'ok', 5, 3],
      [3, 'ok', 1, 0],
    ]);
    expect(writeNotebook(first.notebook)).toBe(writeNotebook(second.notebook));
    expect(checkOutputs(first.notebook, second)).toEqual([]);
  });

  it('keeps its metadata and the ids of its cells, and gains what the kernel says of its language', async () => {
    const { notebook: executed } = await runNotebook(fixture);
    expect(executed.cells.map((cell) => cell.id)).toEqual(fixture.cells.map((cell) => cell.id));
    expect(executed.metadata).toMatchObject({ ...fixture.metadata, language_info: { name: 'mremap' } });
    const [, first, second, third] = executed.cells;
    expect(first).toMatchObject({ execution_count: 1, outputs: [{ output_type: 'execute_result' }] });
    expect(second).toMatchObject({ execution_count: 2, outputs: [{ data: { 'application/vnd.vegalite.v5+json': {}, 'image/png': expect.any(String) } }] });
    expect(third).toMatchObject({ execution_count: 3, outputs: [{ output_type: 'execute_result', execution_count: 3, data: { 'text/plain': '42' } }] });
  });

  it('stops at a cell that fails; those behind it have no outputs', async () => {
    const stale = code('print "late"', [{ output_type: 'stream', name: 'stdout', text: 'stale' }]);
    const { ok, cells, left, notebook: executed } = await runNotebook(notebook(code('expect 1 == 2'), stale, markdown('text')));
    expect({ ok, left, outcomes: cells.map((c) => c.outcome) }).toEqual({ ok: false, left: 1, outcomes: ['failed'] });
    expect(executed.cells[0]).toMatchObject({ outputs: [{ output_type: 'error', ename: 'ExpectationFailed' }] });
    expect(executed.cells[1]).toMatchObject({ execution_count: null, outputs: [] });
  });

  it('goes on after a cell that may fail, skips one that says so, and leaves empty ones alone', async () => {
    const run = await runNotebook(notebook(code('expect 1 == 2', [], 'raises-exception'), code('print "skipped"', [], 'skip-execution'), code(' \n'), code('print "on"')));
    expect(run.ok).toBe(true);
    expect(run.cells.map(({ index, number, expected }) => ({ index, number, expected }))).toEqual([
      { index: 0, number: 1, expected: true },
      { index: 3, number: 2, expected: false },
    ]);
    expect(run.notebook.cells[3]).toMatchObject({ execution_count: 2, outputs: [{ text: 'on\n' }] });
  });

  it('fails at a cell that was to raise something and did not', async () => {
    const { ok, left, cells } = await runNotebook(notebook(code('print 1', [], 'raises-exception'), code('print 2')));
    expect({ ok, left }).toEqual({ ok: false, left: 1 });
    expect(cells).toMatchObject([{ outcome: 'failed', expected: false, report: { diagnostics: [{ code: 'cell-not-raised', severity: 'error' }] } }]);
  });

  it('leaves out what is tagged skip, with its outputs as they are', async () => {
    const run = await runNotebook(notebook(code('let x = 1'), code('let x = 2', [stdout('kept')], 'skip'), code('x')));
    expect(run.skipped).toEqual([{ index: 1, source: 'let x = 2' }]);
    expect(run.notebook.cells[1]).toMatchObject({ outputs: [{ text: 'kept' }] });
    expect(run.notebook.cells[2]).toMatchObject({ execution_count: 2, outputs: [{ data: { 'text/plain': '1' } }] });
  });

  it('runs under any name of our kernel, and under no other kernel', async () => {
    const named = (kernelspec: object) => ({ ...notebook(code('print 1')), metadata: { kernelspec } });
    expect((await runNotebook(named({ name: 'mremap-dev', language: 'mremap', display_name: 'mremap (mremap-dev)' }))).ok).toBe(true);
    await expect(runNotebook(named({ name: 'python3', language: 'python' }))).rejects.toThrow('written for the kernel "python3"');
  });

  it('counts a script that throws as failed, with what it threw', async () => {
    const { cells } = await runNotebook(notebook(code("%%ts\nthrow new TypeError('no')")));
    expect(cells).toMatchObject([{ outcome: 'failed', report: { diagnostics: [{ code: 'cell-error', message: 'TypeError: no' }] } }]);
  });

  it('says that its kernel died, with what the kernel had to say', async () => {
    const dying = "%%ts\nrequire('fs').writeSync(2, 'last words\\n');\nprocess.kill(process.pid, 'SIGKILL')";
    const { ok, cells, left } = await runNotebook(notebook(code(dying, [], 'raises-exception'), code('print 1')));
    expect({ ok, left }).toEqual({ ok: false, left: 1 });
    expect(cells[0]?.problem).toBe('the kernel ended while the cell ran (signal SIGKILL); it said:\nlast words');
  });

  it('stops a cell that takes too long, and keeps what it said', async () => {
    const slow = 'print "begun"\nt = sweep i in 0..90000 {\n  for j in 0..10 { mmap(1G, 2M, rw, anon|private|fixed) }\n  yield i\n}';
    // The first cell waits for the model to be loaded, so that the second one has begun by its time.
    const { ok, cells } = await runNotebook(notebook(code('mmap(1G, 2M, rw, anon|private|fixed)'), code(slow)), { timeoutSeconds: 3 });
    expect(ok).toBe(false);
    expect(cells[1]?.problem).toBe('the cell did not finish within 3 s');
    expect([cells[1]?.outputs[0], cells[1]?.outputs.at(-1)]).toMatchObject([{ text: 'begun\n' }, { output_type: 'error', ename: 'Interrupted' }]);
  });

  it('runs on another model when told to', async () => {
    const { cells } = await runNotebook(notebook(code('kernel 6.1'), code('%%ts\nlab.model')), { model: '6.12 without realign' });
    expect(cells[1]?.outputs).toMatchObject([{ data: { 'text/plain': "'6.12 with realign=none'" } }]);
  });
});

describe('a kernel that does not come up', () => {
  const start = (program: string): Promise<unknown> => {
    const main = join(temporary, 'kernel.cjs');
    writeFileSync(main, program);
    return KernelClient.start({ main });
  };

  it('is told with its last words', async () => {
    await expect(start("process.stderr.write('no such luck\\n'); process.exitCode = 7;")).rejects.toThrow(
      'the Jupyter kernel ended before it answered (exit status 7); it said:\nno such luck',
    );
  });

  it('is told as missing where there is none', async () => {
    await expect(KernelClient.start({ main: '/nowhere/main.js' })).rejects.toThrow('the Jupyter kernel is missing: /nowhere/main.js');
  });
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s ends the run, the kernel and its files', async (signal) => {
  writeFileSync(join(temporary, 'a.ipynb'), writeNotebook(notebook(code('print "begun"'), code('%%ts\nawait new Promise((done) => setTimeout(done, 60_000))'))));
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'run', join(temporary, 'a.ipynb')], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => setTimeout(() => child.kill(signal), 200));
  const ended = await new Promise((resolve) => child.once('close', (status, by) => resolve({ status, by })));
  expect(ended).toEqual({ status: null, by: signal });
  await vi.waitFor(() => expect(processesNaming(temporary)).toEqual([]), 2000);
});
