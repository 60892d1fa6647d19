/** `compare`: one block on several models, and where what comes of it parts. */
import { count, resultText, ScenarioError, toBytes, type AddressSpace, type OpRecord, type TableColumn } from '../../machine/index.js';
import type { CompareStatement, Statement } from '../syntax/ast.js';
import type { Output } from '../api.js';
import { contentsOf } from '../views/contents.js';
import { costText, mapsLine } from '../vocabulary/display.js';
import type { Runner } from './runner.js';
import { resolveModel } from '../vocabulary/model.js';
import { Names } from '../evaluating/names.js';
import { noProgress, type Progress } from '../evaluating/run.js';
import type { Tabled } from './sweep.js';
import type { Task } from '../evaluating/task.js';

/** What one statement came to. */
interface Event {
  readonly line: number;
  readonly text: string;
  readonly results: string;
  readonly costs: string;
  readonly said: string;
}

/** What the block came to on one model. */
interface Side {
  readonly name: string;
  readonly events: readonly Event[];
  readonly records: readonly OpRecord[];
  readonly space: AddressSpace;
}

export function* compareModels(by: Runner, s: CompareStatement): Task<Tabled> {
  const sides: Side[] = [];
  const errors: ScenarioError[] = [];
  for (const model of s.models) {
    // The checker has said what is wrong with a model, and nothing was run.
    const spec = resolveModel(model, by.run.machines, () => undefined);
    const { side, error } = yield* runOn(by, s, by.run.process.fresh(spec));
    sides.push(side);
    if (error !== undefined) errors.push(error);
  }
  // An error on every model is a mistake in the block. An error on some of them is a difference to report.
  const [first] = errors;
  if (first !== undefined && errors.length === sides.length) throw first;

  const columns: TableColumn[] = [{ name: 'what', as: 'text' }, ...sides.map((side): TableColumn => ({ name: side.name, as: 'text' }))];
  const text: string[] = [];
  const rows = [...eventRows(sides, text), ...layoutRows(sides, text), ...contentRows(sides, text)];
  if (rows.length === 0) text.unshift('no difference in results, costs, layouts or contents');
  const table = { columns, rows };
  const title = `compared: ${sides.map((side) => side.name).join(', ')}`;
  const compared = sides.map(({ name, records, space }) => ({ model: name, records, space }));
  return { table, view: { what: 'compare', title, text, table, sides: compared, model: sides.map((side) => side.name).join(', ') } };
}

function* runOn(by: Runner, s: CompareStatement, process: Runner['run']['process']): Task<{ side: Side; error?: ScenarioError }> {
  const { run } = by;
  const { name } = process.machine.model;
  const progress: Progress = noProgress();
  const events: Event[] = [];
  let seen = 0;
  let said: string[] = [];
  const say = (output: Output): void => {
    if (output.type === 'text') said.push(output.text.trimEnd());
    if (output.type === 'diagnostic') said.push(output.diagnostic.message);
    run.say(output.type === 'text' ? { ...output, text: `${name}: ${output.text}` } : output);
  };
  const note = (line: number, text: string): void => {
    const records = progress.records.slice(seen);
    seen = progress.records.length;
    events.push({
      line,
      text,
      results: records.map(answer).join('; '),
      costs: records
        .map(costText)
        .filter((c) => c !== '')
        .join('; '),
      said: said.join('; '),
    });
    said = [];
  };
  const watch = ({ span }: Statement): void => {
    note(run.source.position(span.start).line, run.source.slice(span).split('\n')[0]?.trim() ?? '');
  };
  let error: ScenarioError | undefined;
  try {
    const names = new Names(run.names, true);
    yield* by.inner({ process, names, say, watch, quiet: true }, progress).body(s.body, names);
  } catch (e) {
    if (!(e instanceof ScenarioError)) throw e;
    error = e;
    said.push(`ends: ${e.message}`);
    note(run.source.position(e.span.start).line, run.source.slice(e.span).split('\n')[0]?.trim() ?? '');
  }
  return { side: { name, events, records: progress.records, space: process.machine.space() }, ...(error !== undefined && { error }) };
}

const answer = (record: OpRecord): string => (record.result.kind === 'value' && record.op.name === 'touch' ? '' : resultText(record));

type Row = readonly string[];

/** True if not all are the same. */
const differ = (values: readonly string[]): boolean => values.some((v) => v !== values[0]);

const ROWS = 50;

/** The statements whose results or costs differ, the first of them in a sentence. */
function eventRows(sides: readonly Side[], text: string[]): Row[] {
  const rows: Row[] = [];
  const length = Math.max(...sides.map((side) => side.events.length));
  for (let i = 0; i < length; i++) {
    const events = sides.map((side) => side.events[i]);
    const one = events.find((e) => e !== undefined);
    if (one === undefined) break;
    for (const [what, key] of [
      ['results', 'results'],
      ['costs', 'costs'],
      ['what is said', 'said'],
    ] as const) {
      const values = events.map((e) => (e === undefined ? 'not reached' : e[key]));
      if (!differ(values)) continue;
      if (!text.some((t) => t.startsWith(what))) text.push(`${what} part first at line ${one.line}: ${one.text}`);
      if (rows.length < ROWS) rows.push([`line ${one.line}${key === 'costs' ? ', cost' : ''}: ${one.text}`, ...values.map((v) => v || '-')]);
    }
  }
  return rows;
}

/** Lines of maps that not every model has. */
function layoutRows(sides: readonly Side[], text: string[]): Row[] {
  const lines = sides.map(({ space }) => [...space.vmas()].filter((v) => !v.background).map((v) => ({ at: v.start, line: mapsLine(space.geometry, v) })));
  const all = new Map(lines.flat().map(({ at, line }) => [line, at]));
  const missing = [...all].filter(([line]) => !lines.every((own) => own.some((l) => l.line === line))).sort((a, b) => a[1] - b[1]);
  if (missing.length > 0) text.push(`layouts part: ${count(missing.length)} of ${count(all.size)} lines of maps are not on every model`);
  return missing.slice(0, ROWS).map(([line]) => [line, ...lines.map((own) => (own.some((l) => l.line === line) ? 'mapped' : '-'))]);
}

/** The first address at which not every model has the same page with the same beginning. */
function contentRows(sides: readonly Side[], text: string[]): Row[] {
  const contents = sides.map(({ space }) => contentsOf(space));
  if (!differ(contents.map((runs) => runs.map((r) => `${r.start} ${r.text}`).join('\n')))) return [];
  const starts = [...new Set(contents.flatMap((runs) => runs.map((r) => r.start)))].sort((a, b) => a - b);
  const at = starts.find((start) => differ(contents.map((runs) => runs.find((r) => r.start === start)?.text ?? '')));
  const geometry = sides[0]?.space.geometry;
  if (at === undefined || geometry === undefined) return [];
  const where = `0x${toBytes(geometry, at).toString(16)}`;
  text.push(`contents part first at ${where}`);
  return [[`contents at ${where}`, ...contents.map((runs) => runs.find((r) => r.start === at)?.text ?? 'nothing')]];
}
