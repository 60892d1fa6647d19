/** The parts of the documentation that are tables of facts: written by `BLESS=1 npx vitest run test/docs`, checked otherwise. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseScenario, type RecordedScenario } from '../../conform/index.js';
import { count } from '../../machine/index.js';
import { DISTRIBUTIONS } from '../../sim/models/aliases.js';
import { BEHAVIOURS, type Behaviour } from '../../sim/models/behaviours/index.js';
import { RELEASES } from '../../sim/models/releases.js';
import { isBefore } from '../../sim/models/series.js';
import { RECORDED } from '../conform/kernels.js';

const doc = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);

function expectSection(file: string, section: string, text: string): void {
  const path = doc(file);
  const whole = readFileSync(path, 'utf8');
  const pattern = new RegExp(`(<!-- generated: ${section} -->\n)([\\s\\S]*?)(<!-- end -->)`);
  const found = pattern.exec(whole);
  if (found === null) throw new Error(`${file} has no section ${section}`);
  if (process.env['BLESS'] === '1') writeFileSync(path, whole.replace(pattern, (_, head: string, __, end: string) => `${head}${text}${end}`));
  else expect(found[2]).toBe(text);
}

const table = (rows: readonly (readonly string[])[]): string => {
  const [head, ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head ?? []) + line((head ?? []).map(() => '---')) + body.map(line).join('');
};

/** Of values that no release has. */
const standing = (b: Behaviour, value: string): string => (b.standing?.[value] === undefined ? '' : ` (${b.standing[value]})`);

/** `none`; 6.7 and 6.1.192: `merged` */
function historyOf({ initially, changes = [] }: Behaviour): string {
  const later = changes.map(({ release, value, stable = {} }) => {
    const since = [...(release === null ? [] : [release]), ...Object.entries(stable).map(([series, point]) => `${series}.${point}`)];
    return `since ${since.join(', ')} \`${value}\``;
  });
  return [`\`${initially}\``, ...later].join('; ');
}

test('docs/behaviours.md lists every behaviour with its values and the releases that changed it', () => {
  const rows = Object.entries(BEHAVIOURS).map(([name, b]: [string, Behaviour]) => [
    `\`${name}\``,
    b.summary.replaceAll('|', '\\|'),
    b.values.map((v) => `\`${v}\`${standing(b, v)}`).join(' '),
    historyOf(b),
    `${b.where}; ${b.source}`,
  ]);
  expectSection('behaviours.md', 'behaviours', table([['behaviour', 'what it is', 'values', 'who has which', 'where, and where it comes from'], ...rows]));
});

const everyChange = Object.entries(BEHAVIOURS).flatMap(([name, b]: [string, Behaviour]) => (b.changes ?? []).map((change) => ({ name, ...change })));
const told = ({ name, value, commit }: (typeof everyChange)[number]): string => `\`${name}=${value}\`${commit === undefined ? '' : ` (${commit})`}`;

test('docs/releases.md says what each release brought', () => {
  const rows = RELEASES.map((r) => {
    const own = everyChange.filter((c) => c.release === r.name).map(told);
    const later = everyChange.flatMap((c) => (c.stable?.[r.name] === undefined ? [] : [`${told(c)} in ${r.name}.${c.stable[r.name]}`]));
    return [`\`${r.name}\``, r.recorded === null ? 'derived' : `recorded as ${r.recorded}`, own.join(', ') || '-', later.join(', ') || '-'];
  });
  expectSection('releases.md', 'releases', table([['release', 'how it is known', 'what it brought', 'what its stable tree took over, as far as it is known'], ...rows]));
});

test('docs/releases.md lists the distributions', () => {
  expectSection('releases.md', 'distributions', table([['name', 'what it is', 'modelled by'], ...DISTRIBUTIONS.map((d) => [`\`${d.name}\``, d.sentence, `\`${d.series}\``])]));
});

test('docs/releases.md counts what a release costs', () => {
  const rows = RELEASES.map((r) => [`\`${r.name}\``, String(everyChange.filter((c) => c.release === r.name || c.stable?.[r.name] !== undefined).length)]);
  expectSection('releases.md', 'sizes', table([['release', 'changes in the table'], ...rows]));
});

describe('changes', () => {
  test.each(Object.entries(BEHAVIOURS).map(([name, b]): [string, Behaviour] => [name, b]))('of %s are in order, and between its values', (_, { values, initially, changes = [], standing = {} }) => {
    expect(values).toContain(initially);
    for (const { value } of changes) expect(values).toContain(value);
    const releases = changes.flatMap(({ release }) => (release === null ? [] : [release]));
    for (const [i, release] of releases.entries()) if (i > 0) expect(isBefore(releases[i - 1] ?? '', release)).toBe(true);
    // A value is some release's, or marked as nobody's; a posting as a whole is marked by the behaviour that it hangs on.
    if (changes.length > 0) for (const v of values) expect([initially, ...changes.map((c) => c.value), ...Object.keys(standing)]).toContain(v);
  });
});

/** Operations of a scenario that are compared: all, or those before its process was lost. */
function compared({ steps }: RecordedScenario): number {
  const lost = steps.findIndex(({ ret }) => ret === 'HANG' || ret === 'DIED');
  return lost < 0 ? steps.length : lost;
}

// That all of them agree is what test/conform/vectors.test.ts holds: here they are only counted.
test('docs/fidelity.md gives the figures of the recordings kept here', () => {
  const root = new URL('../vectors/', import.meta.url);
  const rows: string[][] = [];
  for (const kernel of Object.keys(RECORDED).sort()) {
    for (const file of readdirSync(new URL(`${kernel}/`, root)).sort()) {
      const lines = gunzipSync(readFileSync(new URL(`${kernel}/${file}`, root)))
        .toString()
        .split('\n')
        .filter((line) => line !== '');
      const operations = count(lines.reduce((n, line, i) => n + compared(parseScenario(line, i + 1)), 0));
      rows.push([kernel, file.replace('.jsonl.gz', ''), count(lines.length), operations, operations]);
    }
  }
  expectSection('fidelity.md', 'recordings', table([['kernel', 'corpus', 'scenarios', 'operations', 'agree in every field'], ...rows]));
});
