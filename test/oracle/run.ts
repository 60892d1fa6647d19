/**
 * Looks for programs on which the model and the kernel under it disagree: generates them, has the
 * recorder run them, replays the recordings and shrinks what parts. Usage: docs/recording.md.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Conformance, parseScenario, textReport, type Disagreement } from '../../conform/index.js';
import type { ModelSpec } from '../../machine/index.js';
import { createMachines } from '../../sim/index.js';
import { generate } from './generate.js';
import { PROFILES } from './profiles.js';
import { shrink } from './shrink.js';

const { values } = parseArgs({
  options: {
    recorder: { type: 'string', default: process.env['RECORDER'] ?? '' },
    kernel: { type: 'string', default: '6.18' },
    profile: { type: 'string', multiple: true, default: [] },
    seed: { type: 'string', default: '0' },
    count: { type: 'string', default: '200' },
    out: { type: 'string', default: 'out/oracle' },
    keep: { type: 'boolean', default: false },
    shrink: { type: 'string', default: '10' },
  },
});
const model: ModelSpec = { release: values.kernel };
const machines = createMachines();

/** Runs the recorder once over the lines; gives back its lines. */
export function record(corpus: string, scenarios: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const recorder = spawn(values.recorder, ['-c', corpus], { stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    recorder.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    recorder.on('error', reject);
    recorder.on('close', (code) => {
      if (code === 0)
        resolve(
          Buffer.concat(chunks)
            .toString()
            .split('\n')
            .filter((line) => line !== ''),
        );
      else reject(new Error(`the recorder ended with status ${String(code)}`));
    });
    recorder.stdin.end(`${scenarios.join('\n')}\n`);
  });
}

const opsOf = (scenario: string): string[] => scenario.slice(scenario.indexOf('|', scenario.indexOf('|') + 1) + 1).split(';');

/** The first step at which the recording and the model part, or null. */
function firstDisagreement(recording: string): Disagreement | null {
  const c = new Conformance(machines, model);
  c.replay(parseScenario(recording, 1));
  return c.disagree[0] ?? null;
}

/** What makes two disagreements the same one while a program shrinks. */
const kindOf = (d: Disagreement): string => `${d.words[0] ?? ''} ${d.field} ${d.unsupported ?? ''}`;

async function shrinkScenario(id: string, scenario: string, kind: string): Promise<string[]> {
  return shrink(opsOf(scenario), async (candidates) => {
    const recordings = await record(
      'shrink',
      candidates.map((ops, i) => `${id}_${i}|shrunk|${ops.join(';')}`),
    );
    return recordings.map((line) => {
      const d = firstDisagreement(line);
      return d !== null && kindOf(d) === kind ? d.op : null;
    });
  });
}

const BATCH = 250;
const out = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  if (values.recorder === '') throw new Error('name the recorder: --recorder PATH, or RECORDER in the environment');
  mkdirSync(values.out, { recursive: true });
  const all = new Conformance(machines, model);
  const failures = new Map<string, { scenario: string; d: Disagreement }[]>();
  const seed = Number(values.seed);
  for (const profile of values.profile.length > 0 ? values.profile : Object.keys(PROFILES)) {
    const kept: string[] = [];
    let parted = 0;
    for (let from = 0; from < Number(values.count); from += BATCH) {
      const scenarios = Array.from({ length: Math.min(BATCH, Number(values.count) - from) }, (_, i) => generate(profile, seed + from + i));
      const recordings = await record(profile, scenarios);
      for (const [i, line] of recordings.entries()) {
        const before = all.disagree.length;
        try {
          all.replay(parseScenario(line, i + 1));
        } catch (error) {
          out(`the model broke on ${scenarios[i] ?? ''}`);
          throw error;
        }
        const d = all.disagree[before];
        if (d === undefined) {
          if (values.keep) kept.push(line);
          continue;
        }
        parted += 1;
        const known = failures.get(kindOf(d)) ?? [];
        known.push({ scenario: scenarios[i] ?? '', d });
        failures.set(kindOf(d), known);
      }
    }
    if (values.keep) writeFileSync(`${values.out}/${profile}.jsonl.gz`, gzipSync(`${kept.join('\n')}\n`, { level: 9 }));
    out(`${profile}: ${parted} of ${values.count} programs disagree`);
  }
  out(`\n${textReport(all, values.kernel)}`);
  writeFileSync(
    `${values.out}/disagree.scn`,
    [...failures.values()]
      .flat()
      .map(({ scenario }) => `${scenario}\n`)
      .join(''),
  );

  let left = Number(values.shrink);
  for (const [kind, list] of [...failures].sort(([, a], [, b]) => b.length - a.length)) {
    if (left-- <= 0) break;
    const shortest = list.reduce((a, b) => (a.d.op <= b.d.op ? a : b));
    out(`\n${list.length}  ${kind}`);
    const small = await shrinkScenario(shortest.d.scenario, shortest.scenario, kind);
    const [recording = ''] = await record('shrink', [`${shortest.d.scenario}|shrunk|${small.join(';')}`]);
    const d = firstDisagreement(recording);
    out(`  ${small.join(';')}`);
    if (d !== null)
      out(
        `  op ${d.op} ${d.words.join(' ')}: ${d.field}${d.unsupported === undefined ? '' : ` (the model lacks ${d.unsupported})`}\n  kernel ${JSON.stringify(d.recorded)}\n  model  ${JSON.stringify(d.simulated)}`,
      );
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}
