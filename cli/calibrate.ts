/** `mremap-lab calibrate`: the parameters of the cost model from times that were measured. */
import { readFile } from 'node:fs/promises';
import { createSession } from '../dsl/index.js';
import { reason } from '../files/reason.js';
import { writeWhole } from '../files/write-whole.js';
import { calibrate, COST_NAMES, costCounts, COSTS, duration, type Calibration, type CostCounts, type MachineCosts, type MeasuredCase } from '../machine/index.js';
import { columns } from '../plot/text/columns.js';
import { createMachines } from '../sim/index.js';
import { readCosts, readCostTable, type CostTable, type TableCase } from './cost-table.js';
import { EXIT, type ExitCode } from './exit.js';
import { fileError, messages } from './messages.js';
import { out } from './terminal.js';

export interface CalibrateOptions {
  /** Where the parameters are written, for `run --costs`. */
  readonly out?: string;
  readonly json?: boolean;
}

export async function calibrateFile(file: string, options: CalibrateOptions): Promise<ExitCode> {
  const table = readCostTable(file, await textOf(file));
  const cases: MeasuredCase[] = [];
  for (const one of table.cases) cases.push({ name: one.name, nanoseconds: one.nanoseconds, counts: await countsOf(file, one) });
  const result = calibrate(cases, table.arch);
  const costs: MachineCosts = { machine: table.machine, arch: table.arch, costs: result.parameters };
  const json = `${JSON.stringify(costs, rounded, 2)}\n`;
  if (options.out !== undefined) {
    const to = options.out;
    await writeWhole(to, json).catch((error: unknown) => {
      throw messages.cannotWriteFile(to, reason(error));
    });
  }
  out(options.json === true ? json : `${report(table, result)}\n`);
  return EXIT.ok;
}

/** For `run --costs`. @throws SetupError */
export const readCostsFile = async (file: string): Promise<MachineCosts> => readCosts(file, await textOf(file));

const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw fileError(file, error);
  });

/** Three digits: the measurements have no more than two that mean anything. */
const rounded = (_: string, value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(4)) : value);

/** The counts that the table gives, or those of the last move of its scenario on the model. */
async function countsOf(file: string, one: TableCase): Promise<CostCounts> {
  if ('counts' in one) return one.counts;
  const session = createSession(createMachines());
  const { ok, diagnostics } = await session.run(one.scenario, { mode: 'file' });
  if (!ok) throw messages.badTable(file, `the scenario of "${one.name}" fails: ${diagnostics[0]?.message ?? ''}`);
  const move = session.records.findLast((r) => r.op.name === 'mremap' || r.op.name === 'exec_stack');
  if (move === undefined) throw messages.badTable(file, `the scenario of "${one.name}" moves nothing`);
  return costCounts(move, 0);
}

function report({ machine, arch, cases: measured }: CostTable, { parameters, fitted, together, cases }: Calibration): string {
  const time = (ns: number): string => (ns === 0 ? '0' : duration(ns));
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = COST_NAMES.map((n) => [n, time(parameters[n]), time(COSTS[arch][n]), fitted.includes(n) ? '' : 'not measured: as published']);
  const off = (c: Calibration['cases'][number]): string => `${c.modelled >= c.nanoseconds ? '+' : '-'}${Math.round(Math.abs(c.modelled / c.nanoseconds - 1) * 100)} %`;
  const rms = Math.sqrt(cases.reduce((n, c) => n + (c.modelled / c.nanoseconds - 1) ** 2, 0) / cases.length);
  return [
    `${machine} (${arch}): ${measured.length === 1 ? '1 case' : `${measured.length} cases`}`,
    '',
    ...columns([{ title: 'parameter' }, right('fitted'), right('published'), { title: '' }], rows),
    '',
    ...columns(
      [{ title: 'case' }, right('measured'), right('modelled'), right('off')],
      cases.map((c) => [c.name, time(c.nanoseconds), time(c.modelled), off(c)]),
    ),
    '',
    `deviation: ${Math.round(rms * 100)} % (root of the mean square)`,
    ...(cases.length < fitted.length ? ['fewer cases than parameters: many other values would fit as well'] : []),
    ...together.map(([a, b]) => `${a} and ${b} rise together in all cases: only what they come to in sum is known`),
  ].join('\n');
}
