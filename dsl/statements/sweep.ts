/** `sweep`: the same statements for every combination of values, each on a fresh process, in a table. */
import type { Table, TableCell, TableColumn, View } from '../../machine/index.js';
import type { SweepStatement } from '../syntax/ast.js';
import { brief } from '../vocabulary/display.js';
import { fail } from '../messages/fail.js';
import type { Runner } from './runner.js';
import { Names } from '../evaluating/names.js';
import { Interruption, noProgress } from '../evaluating/run.js';
import type { Task } from '../evaluating/task.js';
import { asInteger, isAddress, type Value } from '../vocabulary/values.js';
import { valuesOf, type Values } from '../evaluating/variables.js';

const MAX_POINTS = 100_000;

export interface Tabled {
  readonly table: Table;
  readonly view: View;
}

export function* sweep(by: Runner, s: SweepStatement): Task<Tabled> {
  const { run } = by;
  const domains: Values[] = [];
  for (const v of s.variables) domains.push(yield* valuesOf(v.over, by.evaluator));
  const total = domains.reduce((n, d) => n * d.count, 1n);
  if (total > BigInt(MAX_POINTS)) fail({ start: s.span.start, end: s.body.span.start }, 'too-many-points', total.toString(), MAX_POINTS);

  const variables = s.variables.map((v) => v.name.text);
  const names = [...variables];
  const points: ReadonlyMap<string, Value>[] = [];
  for (let i = 0n; i < total; i++) {
    // A point whose block is empty has no statement that would look up.
    yield* run.breather.breathe();
    if (run.signal?.aborted === true) throw new Interruption();
    const point = new Map(variables.map((name, k): [string, Value] => [name, pick(domains, i, k)]));
    const own = new Names(run.names, true);
    for (const [name, value] of point) own.declare(name, value);
    const yielded = (column: string, value: Value): void => {
      if (!names.includes(column)) names.push(column);
      point.set(column, value);
    };
    // What a point did is worth its row; its records would hold a space each.
    const progress = noProgress();
    yield* by.inner({ names: own, process: run.process.fresh(), yielded, quiet: true }, progress).body(s.body, own);
    by.progress.races.push(...progress.races);
    points.push(point);
    run.say({ type: 'progress', done: points.length, total: Number(total) });
  }
  const table = tableOf(names, new Set(variables), points);
  const title = `sweep over ${variables.join(', ')}`;
  return { table, view: { what: 'table', title, text: [], table, model: run.process.machine.model.name } };
}

/** The values of point i, the last variable running fastest. */
function pick(domains: readonly Values[], i: bigint, variable: number): Value {
  const faster = domains.slice(variable + 1).reduce((n, d) => n * d.count, 1n);
  const domain = domains[variable];
  return domain === undefined ? { kind: 'none' } : domain.at((i / faster) % domain.count);
}

function tableOf(names: readonly string[], variables: ReadonlySet<string>, points: readonly ReadonlyMap<string, Value>[]): Table {
  const columns = names.map((name): TableColumn => ({
    name,
    as: printedAs(
      points.map((p) => p.get(name)),
      variables.has(name),
    ),
  }));
  return { columns, rows: points.map((p) => names.map((name) => cellOf(p.get(name)))) };
}

const KIB = 1024n;

/** A variable whose values are whole KiB was meant as a size. */
function printedAs(values: readonly (Value | undefined)[], variable: boolean): TableColumn['as'] {
  const known = values.filter((v) => v !== undefined && v.kind !== 'none');
  const numbers = known.map((v) => (v === undefined ? undefined : asInteger(v)));
  if (numbers.some((n) => n === undefined)) return 'text';
  if (known.some((v) => v !== undefined && isAddress(v))) return 'address';
  const sizes = numbers.every((n) => n !== undefined && n % KIB === 0n) && numbers.some((n) => n !== 0n);
  return variable && sizes ? 'size' : 'count';
}

function cellOf(value: Value | undefined): TableCell {
  if (value === undefined || value.kind === 'none') return null;
  if (value.kind === 'boolean' || value.kind === 'string') return value.value;
  return asInteger(value) ?? brief(value);
}
