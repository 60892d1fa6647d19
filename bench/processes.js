/** What is measured as a process of its own: its start, its warming up, and its memory count. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './measure.js';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const MAIN = file('../dist/cli/main.js');
const RUNS = 3;

/** The move of a populated range by the model: see move.js. */
export const modelMove = (length) => JSON.parse(execFileSync(process.execPath, [file('move.js'), `${length}`], { encoding: 'utf8' }));

/**
 * Processor time in microseconds of `mremap-lab run` on a log, and on one of its lines alone: its start.
 * The shell says at its end what its children took, to a hundredth of a second or better.
 */
export function runLog(lines) {
  const work = mkdtempSync(join(tmpdir(), 'mremap-bench-'));
  try {
    const [whole, one] = [join(work, 'random.strace'), join(work, 'one.strace')];
    writeFileSync(whole, `${lines.join('\n')}\n`);
    writeFileSync(one, `${lines[0]}\n`);
    const runs = Array.from({ length: RUNS }, () => run(whole));
    const starts = Array.from({ length: RUNS }, () => run(one));
    return { time: median(runs.map((r) => r.time)), startup: median(starts.map((r) => r.time)), summary: runs[0].claims };
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** @throws when a claim of the log does not hold: what a call of the kernel returned is not what it returns in the model */
function run(log) {
  const out = execFileSync('/bin/sh', ['-c', '"$@" || exit; times', 'sh', process.execPath, MAIN, 'run', log], { encoding: 'utf8' });
  const children = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(out);
  if (children === null) throw new Error(`the shell did not say how long it took: ${out}`);
  const [userMinutes, user, systemMinutes, system] = children.slice(1).map(Number);
  return { time: ((userMinutes + systemMinutes) * 60 + user + system) * 1e6, claims: /claims: .*/.exec(out)?.[0] ?? '' };
}
