/** Races: from the threads of a script to a machine that explores them, to verdicts and schedules. */
import {
  ANY_VIOLATION,
  SetupError,
  type FinalState,
  type Machine,
  type Op,
  type OpRecord,
  type RaceBound,
  type RaceReport,
  type RaceResult,
  type Schedule,
  type Span,
  type Wanted,
} from '../../machine/index.js';
import type { Expression, JudgeStatement, RaceStatement, ReplayStatement, ThreadStatement } from '../syntax/ast.js';
import type { RaceVerdict } from '../api.js';
import { CALLABLES } from '../vocabulary/calls.js';
import { diagnose } from '../messages/diagnostics.js';
import { judge } from '../evaluating/expectation.js';
import { judged } from '../evaluating/telling.js';
import { fail } from '../messages/fail.js';
import type { Runner } from './runner.js';
import { Names } from '../evaluating/names.js';
import { Process } from '../evaluating/process.js';
import { Interruption, noProgress } from '../evaluating/run.js';
import { Verdicts } from '../evaluating/verdicts.js';
import type { Task } from '../evaluating/task.js';
import type { Value } from '../vocabulary/values.js';

export function* exploreRace(by: Runner, s: RaceStatement): Task<void> {
  const { run } = by;
  const threads: { name: string; ops: Op[]; names: (string | undefined)[] }[] = [];
  for (const t of s.body.statements.filter((x): x is ThreadStatement => x.kind === 'thread')) {
    const thread = { name: t.name?.text ?? `CPU ${threads.length}`, ops: [] as Op[], names: [] as (string | undefined)[] };
    for (const call of t.body.statements) {
      if (call.kind !== 'evaluate' || call.value.kind !== 'call') continue;
      const callable = CALLABLES.get(call.value.callee.text);
      if (callable === undefined || callable.role === 'query') continue;
      thread.ops.push(yield* by.evaluator.operation(callable, call.value));
      thread.names.push(call.name?.text);
    }
    threads.push(thread);
  }
  const { machine } = run.process;
  const race = { name: s.name?.text ?? '', threads: threads.map(({ name, ops }) => ({ name, ops })) };
  const at = { start: s.span.start, end: s.body.span.start };
  if (machine.explore === undefined) return fail(at, 'race-refused', 'this machine cannot explore races', 'use a modelled kernel');
  const limits = { ...run.limits, ...s.within };
  const report = yield* refusing(at, function* () {
    const exploration = machine.explore?.(race, limits);
    for (let turn = exploration?.next(); turn !== undefined; turn = exploration?.next(run.signal?.aborted === true)) {
      if (turn.done === true) return turn.value;
      run.say({ type: 'exploring', race: race.name, ...turn.value });
      yield* run.breather.breathe();
    }
    return undefined;
  });
  if (report === undefined) return;
  run.races.latest = { report, names: threads.map((t) => t.names) };
  run.say({
    type: 'text',
    text: `${headOf(report)} ${count(report.finals.length, 'final state')}, ${count(report.schedules, 'schedule')}${within(report)}; ${brokenText(report)}\n`,
  });
  // What was found until then has been said, and can be judged.
  if (report.bound?.kind === 'interrupted') throw new Interruption();
}

/** What is broken in how many of the final states. */
function brokenText({ finals, bound }: RaceReport): string {
  const names = [...new Set(finals.flatMap((f) => f.broken))];
  if (names.length === 0) return finals.length === 0 ? 'none was reached' : `nothing is broken in any${bound === null ? '' : ' of these'}`;
  return `broken: ${names.map((name) => `${name} in ${finals.filter((f) => f.broken.includes(name)).length}`).join(', ')}`;
}

const headOf = ({ race }: RaceReport): string => (race.name === '' ? 'race:' : `race ${race.name}:`);
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
/** Why there may be more. */
const within = ({ bound }: RaceReport): string => (bound === null ? '' : `, not all: ${boundText(bound)}`);

function boundText(bound: RaceBound): string {
  return bound.kind === 'interrupted' ? 'interrupted' : `explored up to ${bound.limit} ${bound.kind}`;
}

export function* judgeRace(by: Runner, s: JudgeStatement): Task<void> {
  const { run, progress } = by;
  const latest = run.races.latest;
  if (latest === undefined) return fail(s.span, 'no-race');
  const { report } = latest;
  const condition = run.source.slice(s.condition.span);
  const holding: number[] = [];
  for (const [i, final] of report.finals.entries()) {
    yield* pause(by);
    if (yield* refusing(s.condition.span, () => holdsIn(by, s.condition, final))) holding.push(i);
  }
  const total = report.finals.length;
  const bound = report.bound === null ? undefined : boundText(report.bound);
  // One state shows that `sometimes` holds, or that `never` and `always` do not; the opposite takes all states.
  const shownByOne = s.quantifier === 'always' ? holding.length < total : holding.length > 0;
  const undecided = bound !== undefined && !shownByOne;
  const holds = !undecided && shownByOne === (s.quantifier === 'sometimes');
  // What a verdict is shown by: a state that it must not come to, or the one that was looked for.
  const others = report.finals.map((_, i) => i).filter((i) => !holding.includes(i));
  const telling = s.quantifier === 'always' ? others : holding;
  const schedule = telling.length === 0 ? null : yield* shortest(by, report, wanted(s, report, telling));
  if (schedule !== null) {
    // The latest is the last.
    run.races.schedules.delete(schedule.id);
    run.races.schedules.set(schedule.id, schedule);
  }
  const verdict: RaceVerdict = {
    race: report.race.name,
    quantifier: s.quantifier,
    condition,
    holds,
    count: holding.length,
    of: total,
    schedules: report.schedules,
    undecided,
    ...(bound !== undefined && { bound }),
    ...(schedule !== null && { schedule: schedule.id }),
  };
  progress.races.push(verdict);
  const shown = schedule === null ? '' : `, schedule ${schedule.id}`;
  const text = `${headOf(report)} ${s.quantifier} ${condition}: ${undecided ? 'undecided' : holds ? 'holds' : 'fails'}, ${holding.length} of ${count(total, 'final state')}${holds || undecided ? `, ${count(report.schedules, 'schedule')}` : ''}${shown}${within(report)}`;
  run.say({ type: 'text', text: `${text}\n` });
  judged(run, 'race', s.span, undecided ? 'undecided' : holds ? 'held' : 'failed');
  if (holds) return;
  if (undecided) {
    run.say({ type: 'diagnostic', diagnostic: diagnose(run.source, 'run', s.span, 'race-undecided', s.quantifier, condition, total, bound) });
    return;
  }
  run.say({ type: 'diagnostic', diagnostic: diagnose(run.source, 'run', s.span, 'race-failed', s.quantifier, condition, holding.length, total) });
  if (schedule !== null) run.say({ type: 'view', view: { what: 'schedule', schedule, states: false, model: report.model } });
}

/** A broken invariant is shown up to the step that breaks it; anything else by a whole schedule. */
function wanted({ quantifier, condition }: JudgeStatement, report: RaceReport, finals: readonly number[]): Wanted {
  const name = condition.kind === 'name' ? condition.name : undefined;
  const known = name !== undefined && report.finals.some((f) => f.broken.includes(name));
  return known && quantifier !== 'always' ? { broken: name } : { finals };
}

function* shortest(by: Runner, report: RaceReport, what: Wanted): Task<Schedule | null> {
  const search = report.shortest(what);
  for (let turn = search.next(); ; turn = search.next()) {
    if (turn.done === true) return turn.value;
    yield* pause(by);
  }
}

export function replaySchedule(by: Runner, { id, what, span }: ReplayStatement): void {
  const { races, say } = by.run;
  const schedule = id === undefined ? [...races.schedules.values()].at(-1) : races.schedules.get(id.text);
  if (schedule === undefined) return fail(id?.span ?? span, 'unknown-schedule', id?.text, [...races.schedules.keys()]);
  say({ type: 'view', view: { what: 'schedule', schedule, states: what !== undefined, model: schedule.model } });
}

function* pause(by: Runner): Task<void> {
  yield* by.run.breather.breathe();
  if (by.run.signal?.aborted === true) throw new Interruption();
}

/** What the machine refuses to explore is a mistake of the script. */
function* refusing<T>(at: Span, task: () => Task<T>): Task<T> {
  try {
    return yield* task();
  } catch (error) {
    if (error instanceof SetupError) return fail(at, 'race-refused', error.message, error.hint);
    throw error;
  }
}

// Conditions -----------------------------------------------------------------------------------------

function* holdsIn(by: Runner, condition: Expression, final: FinalState): Task<boolean> {
  const { run } = by;
  const names = new Names(run.names, true);
  for (const { name } of run.machines.invariants ?? []) names.declare(name, { kind: 'boolean', value: final.broken.includes(name) });
  names.declare(ANY_VIOLATION, { kind: 'boolean', value: final.broken.length > 0 });
  run.races.latest?.names.forEach((own, thread) => own.forEach((name, i) => name !== undefined && names.declare(name, valueOf(final.results[thread]?.[i] ?? null))));
  const process = Process.of(run.machines, finalMachine(run.process.machine, final));
  const { holds } = yield* judge(condition, by.inner({ names, process, quiet: true, verdicts: new Verdicts(run.source) }, noProgress()).evaluator, run.source);
  return holds;
}

/** What never came to an end, and what ended in a signal, has no value. */
function valueOf(result: RaceResult): Value {
  if (result === null) return { kind: 'none' };
  if (result.kind === 'value') return { kind: 'integer', value: result.value };
  return result.kind === 'errno' ? { kind: 'errno', value: result.errno as Extract<Value, { kind: 'errno' }>['value'] } : { kind: 'none' };
}

/** A final state can be looked at, and nothing else. */
function finalMachine(from: Machine, final: FinalState): Machine {
  const space = final.space();
  const perform = (op: Op): OpRecord => {
    if (op.name !== 'peek') throw new SetupError(`${op.name} in a final state`, 'what is judged can be looked at: peek, vma, vmas, pte');
    const byte = space.byteAt(op.addr);
    const result: OpRecord['result'] = byte === undefined ? { kind: 'signal', signal: 'SIGSEGV', at: op.addr, done: 0n } : { kind: 'value', value: BigInt(byte) };
    return { op, seq: 0, result, before: space, after: space } as OpRecord;
  };
  return { model: from.model, geometry: from.geometry, perform, space: () => space };
}
