/**
 * Turns recordings of real kernels into scenario files whose claims are what was recorded:
 *
 *     npx esbuild test/corpus/from-recordings.ts --bundle --platform=node --format=esm --packages=external --outfile=out/from-recordings.mjs
 *     node out/from-recordings.mjs OUT_DIR PER_CORPUS RECORDING.jsonl.gz...
 *
 * Results become claims, counters become expectations, the layout and the contents after the last
 * step are compared too. Scenarios that the language cannot say (userfaultfd, limits relative to what
 * is in use, files with contents, the vdso, loads and stores that fault) are left out, and so are
 * those that the model contradicts: comparing with recordings as such is what `conform` does.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Place } from '../../conform/place.js';
import { translate } from '../../conform/translate.js';
import { createSession } from '../../dsl/index.js';
import { ERRNO, isAccess, opText, type Errno, type Op } from '../../machine/index.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { createMachines } from '../../sim/index.js';

const PLACE = new Place(X86_64_4_LEVELS, 2);

interface Step {
  readonly op: readonly string[];
  readonly ret: string;
  readonly vmas?: '=' | readonly (readonly [string, string, string, string, string, ...unknown[]])[];
  readonly pages?: '=' | readonly (readonly [string, number, string, number])[];
  readonly cnt?: Readonly<Record<string, number>>;
}

interface Scenario {
  readonly id: string;
  readonly corpus: string;
  readonly kernel: string;
  readonly note: string;
  readonly steps: readonly Step[];
}

const machines = createMachines();
const MAX_STEPS = 30;
const SAYABLE = /^(?:mmap|munmap|mremap|mprotect|madvise|mlock2?|munlock|mseal|write|read|memfd|ftruncate|close|fork|forkchild|reap)$/;
/** Where scenarios work, and what is placed below the end of the mmap area. */
const ARENA = '0x8000000000..0x7fff80000000';

function scenarioText(s: Scenario): string | undefined {
  const { steps } = s;
  if (steps.length > MAX_STEPS || !steps.every(sayable)) return undefined;
  const release = s.kernel.split('.').slice(0, 2).join('.');
  const lines = [`# Recorded on ${s.kernel}: ${s.note}`, `kernel ${release}`];
  for (const name of ['ipc_lock', 'sys_rawio', 'sys_admin']) lines.push(`set capability.${name} = true`);
  lines.push('');

  const space = machines.open({ release }).space();
  const returned = (k: number): bigint | null => addressOf(steps[k]?.ret ?? '');
  const fds = new Map<string, number>();
  let indent = '';
  const say = (line: string): unknown => lines.push(line === '' ? '' : indent + line);
  for (const [i, step] of steps.entries()) {
    if (step.op[0] === 'forkchild') {
      say('fork()');
      say('in child {');
      indent += '  ';
      continue;
    }
    if (step.op[0] === 'memfd') fds.set(step.op[1] ?? '', 3 + fds.size);
    const translated = translate(step.op, { returned, fd: (name) => fds.get(name), space, place: PLACE });
    if (!('op' in translated)) return undefined;
    const text = callText(translated.op, step, i);
    if (text === undefined) return undefined;
    for (const line of text) say(line);
  }
  for (const line of ending(steps)) say(line);
  while (indent !== '') {
    indent = indent.slice(2);
    say('}');
  }
  return `${lines.join('\n')}\n`;
}

/** Files whose pages hold something, and accesses that fault, cannot be said. */
const sayable = ({ op, ret }: Step): boolean =>
  SAYABLE.test(op[0] ?? '') && !/^(?:SEGV|BUS|HANG|DIED|SKIP)/.test(ret) && !op.some((w) => w.startsWith('VDSO')) && !(op[0] === 'memfd' && op[3] !== undefined);

const addressOf = (ret: string): bigint | null => (ret.startsWith('-') ? null : PLACE.parse(ret, () => null));

/** A call with what it answered, and for a move what it moved. */
function callText(op: Op, { ret, cnt }: Step, i: number): string[] | undefined {
  if (isAccess(op) || op.name === 'memfd' || op.name === 'fork' || op.name === 'reap') return [op.name === 'fork' ? 'fork()' : op.name === 'reap' ? 'reap()' : opText(op)];
  const errno = /^-(E[A-Z0-9]+)$/.exec(ret)?.[1];
  if (errno !== undefined && !(errno in ERRNO)) return undefined;
  const value = addressOf(ret);
  if (errno === undefined && value === null) return undefined;
  const answer = errno !== undefined ? `-1 ${errno} (${ERRNO[errno as Errno][1]})` : value !== null && value > 9n ? `0x${value.toString(16)}` : `${value}`;
  const claimed = `${opText(op)} = ${answer}`;
  if (op.name !== 'mremap' || cnt === undefined) return [claimed];
  const counts = [['pte', 'pte'], ['pmd', 'pmd'], ['pud', 'pud'], ['huge_pmd', 'hpmd'], ['realign', 'realign'], ['flush', 'flush']].map(([name, key]) => `m${i}.moved.${name} == ${cnt[key ?? ''] ?? 0}`); // prettier-ignore
  return [`m${i} = ${claimed}`, `expect ${counts.join(' and ')}`];
}

/** The layout after the last step, and the first bytes of what its pages hold. */
function ending(steps: readonly Step[]): string[] {
  const vmas = steps.findLast((s) => s.vmas !== undefined && s.vmas !== '=')?.vmas;
  const pages = steps.findLast((s) => s.pages !== undefined && s.pages !== '=')?.pages;
  const lines: string[] = [];
  const hex = (text: string): string => (addressOf(text) ?? 0n).toString(16);
  if (Array.isArray(vmas)) {
    lines.push('', `expect maps ${ARENA} {`);
    for (const [start, end, perms, offset, kind] of vmas as Exclude<NonNullable<Step['vmas']>, '='>) {
      lines.push(`${hex(start)}-${hex(end)} ${perms} ${hex(offset).padStart(8, '0')} ${kind}`);
    }
    lines.push('}');
  }
  if (Array.isArray(pages)) {
    for (const [start, count, kind, tag] of (pages as Exclude<NonNullable<Step['pages']>, '='>).filter((p) => 'aAf'.includes(p[2])).slice(0, 6)) {
      if (kind === 'f' && tag === 0) continue;
      const last = (addressOf(start) ?? 0n) + BigInt(count - 1) * 4096n;
      const two = (at: string, n: number): string => `peek(${at}) == ${n & 0xff} and peek(${at} + 1) == ${(n >> 8) & 0xff}`;
      const first = two(`0x${hex(start)}`, tag);
      lines.push(`expect ${first}${count === 1 ? '' : ` and ${two(`0x${last.toString(16)}`, tag === 0 ? 0 : tag + count - 1)}`}`);
    }
  }
  return lines;
}

const [out = '.', per = '5', ...recordings] = process.argv.slice(2);
for (const file of recordings) {
  const scenarios = gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Scenario);
  const eligible: { s: Scenario; text: string }[] = [];
  for (const s of scenarios) {
    const text = scenarioText(s);
    if (text !== undefined) eligible.push({ s, text });
  }
  // Spread over the whole recording, so that neighbours that vary one argument are not all of it.
  const step = Math.max(1, Math.floor(eligible.length / Number(per)));
  let written = 0;
  for (let i = 0; i < eligible.length && written < Number(per); i++) {
    const one = eligible[(i * step) % eligible.length];
    if (one === undefined) continue;
    const { s, text } = one;
    const result = await createSession(machines).run(text, { mode: 'file' });
    if (!result.ok || result.diagnostics.length > 0) continue;
    const folder = join(out, s.kernel.split('.').slice(0, 2).join('.'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${s.corpus}.${s.id.replace(/[^\w+.-]/g, '_')}.mremap`), text);
    written++;
  }
  process.stdout.write(`${file}: ${eligible.length} can be said, ${written} written\n`);
}
