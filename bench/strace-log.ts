/**
 * How fast a log is replayed, and in how much memory: lines a second for the whole way (reading,
 * both bounds, judging), for reading alone, and for one bound, measured one after the other in one process.
 *
 *     npm run bench:strace [-- LOG.strace[.gz] [repetitions]]
 */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { LogReplay, type LogOptions } from '../dsl/logs/index.js';
import { createMachines } from '../sim/index.js';

const HEAP_LINES = 200_000;

/** A heap that breathes, as awk's does: what most lines of long logs are. */
function* madeUp(): Generator<string> {
  yield '7055       0.000000 brk(NULL)           = 0x558ad17e0000';
  for (let i = 0; i < HEAP_LINES; i++) {
    const at = (0x558ad1827000 + (i % 7) * 0x1000 + (i % 2) * 0x21000).toString(16);
    yield `7055       0.000022 brk(0x${at}) = 0x${at}`;
  }
}

async function linesOf(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [...madeUp()];
  if (!existsSync(file)) throw new Error(`${file}: no such file`);
  const bytes = createReadStream(file);
  const lines: string[] = [];
  for await (const line of createInterface({ input: file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes })) lines.push(line);
  return lines;
}

function measure(lines: readonly string[], options: LogOptions): { readonly perSecond: number; readonly ok: boolean } {
  const started = performance.now();
  const replay = new LogReplay(createMachines(), options);
  for (const line of lines) replay.line(line);
  const { ok } = replay.end();
  return { perSecond: lines.length / ((performance.now() - started) / 1000), ok };
}

const [file, repetitions = '3'] = process.argv.slice(2);
const lines = await linesOf(file);
const kinds: readonly (readonly [string, LogOptions])[] = [
  ['read only', { readsOnly: true }],
  ['nothing touched', { touched: 'none' }],
  ['everything touched', { touched: 'all' }],
  ['both bounds', {}],
];
const best = kinds.map(([name, options]) => {
  const runs = Array.from({ length: Number(repetitions) }, () => measure(lines, options));
  return { name, ok: runs.every((r) => r.ok), perSecond: Math.max(...runs.map((r) => r.perSecond)) };
});
const whole = best.at(-1)?.perSecond ?? 1;
for (const { name, ok, perSecond } of best) {
  process.stdout.write(
    `${name.padEnd(20)}${Math.round(perSecond).toLocaleString('en').padStart(12)} lines/s  ${(perSecond / whole).toFixed(1).padStart(5)}x${ok ? '' : '  FAILED'}\n`,
  );
}
process.stdout.write(
  `${lines.length.toLocaleString('en')} lines, the best of ${repetitions} runs each; at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB, the lines themselves among them\n`,
);
