/** Tables of measured times, JSON or CSV, and files of parameters: what they hold, checked. */
import { COST_NAMES, type CostCounts, type CostName, type Geometry, type MachineCosts } from '../machine/index.js';
import { messages } from './messages.js';

/** A time that was measured, and what was done in it: told in counts, or as a scenario whose last move it was. */
export type TableCase = { readonly name: string; readonly nanoseconds: number } & ({ readonly counts: CostCounts } | { readonly scenario: string });

export interface CostTable {
  readonly machine: string;
  readonly arch: Geometry['arch'];
  readonly cases: readonly TableCase[];
}

/** @throws SetupError that says what is wrong, and where */
export function readCostTable(file: string, text: string): CostTable {
  const table = file.endsWith('.csv') ? fromCsv(file, text) : fromJson(file, text);
  if (table.cases.length === 0) throw messages.badTable(file, 'it has no cases');
  return table;
}

function fromJson(file: string, text: string): CostTable {
  const table = parse(file, text, messages.badTable);
  if (!Array.isArray(table['cases'])) throw messages.badTable(file, 'it has no list of `cases`');
  const prelude = table['scenario'];
  const cases = table['cases'].map((one: unknown, i): TableCase => {
    const where = `case ${i + 1}`;
    if (!isRecord(one)) throw messages.badTable(file, `${where} is no object`);
    const { name, ns, scenario, ...counts } = one;
    const head = { name: typeof name === 'string' ? name : where, nanoseconds: timeOf(file, where, ns) };
    if (typeof scenario === 'string') {
      if (Object.keys(counts).length > 0) throw messages.badTable(file, `${where} has a scenario and counts: one of them is enough`);
      return { ...head, scenario: typeof prelude === 'string' ? `${prelude}\n${scenario}` : scenario };
    }
    return { ...head, counts: countsOf(file, where, counts) };
  });
  return { machine: typeof table['machine'] === 'string' ? table['machine'] : file, arch: archOf(file, table['arch'], messages.badTable), cases };
}

/** The first line names the columns: `name`, `ns`, and what is counted. */
function fromCsv(file: string, text: string): CostTable {
  const [head = '', ...lines] = text
    .split('\n')
    .map((l) => l.trim())
    .filter((l) => l !== '' && !l.startsWith('#'));
  const columns = head.split(',').map((c) => c.trim());
  const cases = lines.map((line, i): TableCase => {
    const where = `row ${i + 1}`;
    const cells = line.split(',').map((c) => c.trim());
    if (cells.length !== columns.length) throw messages.badTable(file, `${where} has ${cells.length} cells, the first line ${columns.length}`);
    const of = Object.fromEntries(columns.map((c, j) => [c, cells[j] ?? '']));
    const { name = where, ns, ...counts } = of;
    return {
      name,
      nanoseconds: timeOf(file, where, Number(ns)),
      counts: countsOf(file, where, Object.fromEntries(Object.entries(counts).map(([c, v]) => [c, v === '' ? 0 : Number(v)]))),
    };
  });
  return { machine: file, arch: 'x86-64', cases };
}

/** What `calibrate --out` wrote. @throws SetupError */
export function readCosts(file: string, text: string): MachineCosts {
  const { machine, arch, costs } = parse(file, text, messages.badCosts);
  if (!isRecord(costs)) throw messages.badCosts(file, 'it has no `costs`');
  const known: readonly string[] = [...COST_NAMES, 'cpus'];
  for (const [name, value] of Object.entries(costs)) {
    if (!known.includes(name)) throw messages.badCosts(file, `nothing is called ${name}: there are ${known.join(', ')}`);
    if (typeof value !== 'number' || !(value >= 0) || value === Infinity) throw messages.badCosts(file, `${name} is no number of nanoseconds`);
  }
  const missing = known.find((name) => costs[name] === undefined);
  if (missing !== undefined) throw messages.badCosts(file, `${missing} is missing`);
  const numbers = costs as Record<CostName | 'cpus', number>;
  return { machine: typeof machine === 'string' ? machine : file, arch: archOf(file, arch, messages.badCosts), costs: { ...numbers } };
}

type Complaint = (file: string, why: string) => Error;

function parse(file: string, text: string, bad: Complaint): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(file, (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' '));
  }
  if (!isRecord(value)) throw bad(file, 'it is no JSON object');
  return value;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function archOf(file: string, value: unknown, bad: Complaint): Geometry['arch'] {
  if (value === undefined || value === 'x86-64') return 'x86-64';
  if (value === 'arm64') return value;
  throw bad(file, '`arch` is neither "x86-64" nor "arm64"');
}

function timeOf(file: string, where: string, ns: unknown): number {
  if (typeof ns === 'number' && ns > 0 && ns < Infinity) return ns;
  throw messages.badTable(file, `${where} has no \`ns\`, the nanoseconds that were measured`);
}

function countsOf(file: string, where: string, counts: Readonly<Record<string, unknown>>): CostCounts {
  for (const [name, value] of Object.entries(counts)) {
    if (!(COST_NAMES as readonly string[]).includes(name)) throw messages.badTable(file, `${where}: nothing is called ${name}: there are ${COST_NAMES.join(', ')}`);
    if (typeof value !== 'number' || !(value >= 0) || value === Infinity) throw messages.badTable(file, `${where}: ${name} is no count`);
  }
  // Every case is a call.
  return { call: 1, ...counts };
}
