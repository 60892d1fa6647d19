/** What a recording and the model say of one step, field by field. */
import { isDeepStrictEqual } from './equal.js';
import { observeCounters, observeEvents, observeMm, observePages, observeResult, observeTrace, observeVmas } from './observe.js';
import type { AddressSpace, OpRecord } from '../machine/index.js';
import type { Place } from './place.js';
import type { RecordedMove, RecordedPages, RecordedStep, RecordedVma } from './recording.js';

export const FIELDS = ['ret', 'vmas', 'pages', 'mm', 'cnt', 'trace', 'uffd'] as const;
export type Field = (typeof FIELDS)[number];

export interface FieldPair {
  readonly field: Field;
  readonly recorded: unknown;
  readonly simulated: unknown;
  readonly agree: boolean;
}

/** The recorder prints this many moves of a call, and counts no further than its buffer reaches. */
const TRACE_PRINTED = 48;
const TRACE_KEPT = 1024;

/** The last recorded state, for which `=` stands in a recording. */
export interface Previous {
  vmas: readonly RecordedVma[];
  pages: readonly RecordedPages[];
}

/** The fields of a VMA that an unmodified kernel shows. */
function withoutInstruments(vma: RecordedVma): unknown[] {
  const thp = vma[6]?.['thp'];
  return thp === undefined ? vma.slice(0, 6) : [...vma.slice(0, 6), { thp }];
}

/** Every field that the recording has, against the model; `record` is null where the model has no such operation. */
export function compareStep(place: Place, step: RecordedStep, previous: Previous, record: OpRecord | null, space: AddressSpace, fresh: AddressSpace): FieldPair[] {
  const pairs: FieldPair[] = [];
  const pair = (field: Field, recorded: unknown, simulated: unknown): void => {
    pairs.push({ field, recorded, simulated, agree: isDeepStrictEqual(recorded, simulated) });
  };

  const recordedResult = step.at === undefined ? step.ret : `${step.ret} at ${step.at}`;
  if (record === null) {
    pair('ret', recordedResult, step.ret === 'SKIP' ? 'SKIP' : null);
  } else {
    const { ret, at } = observeResult(place, record);
    pair('ret', recordedResult, at === undefined ? ret : `${ret} at ${at}`);
  }
  if (step.vmas !== undefined) {
    if (step.vmas !== '=') previous.vmas = step.vmas;
    const instrumented = previous.vmas.some((v) => v[6] !== undefined && 'av' in v[6]);
    pair(
      'vmas',
      previous.vmas,
      observeVmas(place, space).map((v) => (instrumented ? v : withoutInstruments(v))),
    );
  }
  if (step.pages !== undefined) {
    if (step.pages !== '=') previous.pages = step.pages;
    pair('pages', previous.pages, observePages(place, space));
  }
  if (step.mm !== undefined) pair('mm', step.mm, observeMm(space, fresh));
  if (step.cnt !== undefined) pair('cnt', step.cnt, record === null ? null : observeCounters(record));
  if (step.trace !== undefined) {
    const observed = record === null ? null : observeTrace(place, record, TRACE_PRINTED);
    const length = step.trace_len ?? step.trace.length;
    pair('trace', { moves: step.trace satisfies readonly RecordedMove[], length }, observed && { moves: observed.trace, length: Math.min(observed.length, TRACE_KEPT) });
  }
  if (step.uffd !== undefined) pair('uffd', step.uffd, record === null ? null : observeEvents(place, record));
  return pairs;
}
