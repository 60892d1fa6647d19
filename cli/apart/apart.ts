/**
 * A script, run in a thread of its own (apart-thread.ts). It stops by itself when its time is over, as long as it pauses;
 * a parser, a chart or an explorer in the middle of something large does not, and is ended from here.
 */
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { SetupError } from '../../machine/errors.js';
import { EXIT } from '../exit.js';
import { messages } from '../messages.js';
import type { FileReport } from '../report/file-report.js';
import type { Reporter } from '../report/reporter.js';
import type { FileOptions } from '../run-options.js';
import type { Job, Said } from './wire.js';

/** What a script that is asked to stop may take to do it. */
const GRACE_S = 2;

let thread: Worker | undefined;

/** @throws SetupError what `runScript` throws */
export async function runApart(input: Job['input'], { reporter, ...options }: FileOptions): Promise<FileReport> {
  const waiting = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  // Standing in the module, so that several files load what they need once.
  const worker = (thread ??= startThread());
  const { timeout } = options;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FileReport>((resolve, reject) => {
      const stopped = (message: string, summary: string): void => {
        void endApart();
        const report = stoppedReport(input.file, message, summary);
        report.diagnostics.forEach((diagnostic) => reporter.diagnose(diagnostic, ''));
        resolve(report);
      };
      const begin = (): void => {
        if (timeout !== undefined) timer = setTimeout(() => stopped(messages.stopped(timeout), `stopped after ${timeout} s`), (timeout + GRACE_S) * 1000);
      };
      worker.removeAllListeners();
      worker.on('message', (said: Said) => (said.type === 'begun' ? begin() : hear(said, reporter, new Int32Array(waiting), resolve, reject)));
      worker.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') stopped(messages.outOfMemory(heapMegabytes()), 'ran out of memory');
        else reject(error);
      });
      worker.postMessage({ input, options, waiting } satisfies Job);
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Ends the thread, if there is one. */
export async function endApart(): Promise<void> {
  const worker = thread;
  thread = undefined;
  await worker?.terminate();
}

function hear(said: Exclude<Said, { type: 'begun' }>, reporter: Reporter, waiting: Int32Array, resolve: (report: FileReport) => void, reject: (error: Error) => void): void {
  switch (said.type) {
    case 'say':
      reporter.say(() => said.text);
      Atomics.sub(waiting, 0, said.text.length);
      Atomics.notify(waiting, 0);
      return;
    case 'progress':
      return reporter.progress(said.done, said.total);
    case 'diagnose':
      return reporter.diagnose(said.diagnostic, said.source);
    case 'report':
      return resolve(said.report);
    case 'refused':
      return reject(new SetupError(said.message, said.hint));
    case 'failed':
      return reject(said.error);
  }
}

const heapMegabytes = (): number => Math.floor(getHeapStatistics().heap_size_limit / (1 << 20));

const startThread = (): Worker => new Worker(new URL('./apart-thread.js', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes() } });

function stoppedReport(file: string, message: string, summary: string): FileReport {
  return {
    file,
    ok: false,
    exit: EXIT.failed,
    statements: 0,
    expectations: { held: 0, failed: 0 },
    diagnostics: [{ code: 'stopped', severity: 'error', message, span: { start: 0, end: 0 }, line: 1, column: 1, phase: 'run' }],
    races: [],
    judgements: [],
    cases: [{ name: 'comes to its end', status: 'error', message }],
    summary,
  };
}
