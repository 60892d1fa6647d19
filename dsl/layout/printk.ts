/**
 * A pasted line of move_page_tables()'s printk: mappings that lead to that call, and the call. The
 * line tells what the VMAs were when the tables began to move, after the copy was made; which pages
 * were there, and what the mappings were before, has to be assumed.
 */
import { hex, MAP, MREMAP, printkLine, PROT, size, toBytes, toVpn, type MoveCall, type Op, type OpRecord, type Range } from '../../machine/index.js';
import type { PrintkStatement } from '../syntax/ast.js';
import type { Evaluator } from '../evaluating/evaluate.js';
import { fail } from '../messages/fail.js';
import type { Task } from '../evaluating/task.js';

interface Plan {
  /** Mapped before the call, each on its own. */
  readonly mapped: readonly Range[];
  readonly written: boolean;
  readonly call: Op;
  readonly assumed: readonly string[];
}

/** @returns what was assumed, and whether the modelled call has the arguments of the line */
export function* replayPrintk({ call, span }: PrintkStatement, by: Evaluator): Task<string[]> {
  checkArguments(call, by, span);
  const plan = planOf(call);
  for (const range of plan.mapped) {
    const length = range.end - range.start;
    yield* by.perform(
      { name: 'mmap', addr: range.start, length, prot: PROT.PROT_READ | PROT.PROT_WRITE, flags: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED, fd: -1, offset: 0n },
      span,
    );
    yield* by.perform(
      plan.written ? { name: 'touch', addr: range.start, length } : { name: 'load_words', addr: range.start, length, stride: toBytes(by.process.machine.geometry, 1) },
      span,
    );
  }
  const record = yield* by.perform(plan.call, span);
  return [...plan.assumed.map((a) => `assumed: ${a}`), verdict(record, call)];
}

/** Nothing of it may be mapped yet, and the numbers have to be such as move_page_tables() is called with. */
function checkArguments({ vma, new_vma, old_addr, new_addr, len }: MoveCall, { process: { machine } }: Evaluator, span: PrintkStatement['span']): void {
  const g = machine.geometry;
  const page = toBytes(g, 1);
  const inside = (r: Range, at: bigint): boolean => r.start <= at && at + len <= r.end;
  if ([vma.start, vma.end, new_vma.start, new_vma.end, old_addr, new_addr, len].some((x) => x % page !== 0n)) fail(span, 'printk-odd', 'its numbers are not those of whole pages');
  if (len === 0n || !inside(vma, old_addr) || !inside(new_vma, new_addr)) fail(span, 'printk-odd', 'the ranges that move do not lie in their VMAs');
  for (const r of [vma, new_vma]) {
    const [taken] = machine.space().vmas(toVpn(g, r.start), toVpn(g, r.end));
    if (taken !== undefined) fail(span, 'printk-taken', hex(toBytes(g, taken.start)));
  }
}

function planOf(c: MoveCall): Plan {
  const { vma, new_vma, old_addr, new_addr, len } = c;
  const one = vma.start === new_vma.start && vma.end === new_vma.end;
  const stack = one && vma.start === new_addr && vma.end === old_addr + len && new_addr + len > old_addr;
  if (stack) {
    return {
      mapped: [],
      written: true,
      call: { name: 'exec_stack', start: old_addr, end: old_addr + len, shift: old_addr - new_addr },
      assumed: ['one VMA that begins where the move goes to, and ends where what moves ends: the stack of a new program, all of its pages written'],
    };
  }
  const move = (newSize: bigint): Op => ({
    name: 'mremap',
    old_address: old_addr,
    old_size: len,
    new_size: newSize,
    flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
    new_address: new_addr,
  });
  const anonymous = 'private anonymous memory, writable, mapped in one piece';
  if (one) {
    return {
      mapped: [vma],
      written: false,
      call: move(len),
      assumed: [`${anonymous}, with every page read and none written: a written VMA does not merge with its own copy, and the two VMAs of the line are one`],
    };
  }
  // A VMA that reaches below the new range must come from a merge; one that reaches above it may also come from growth.
  const merged = new_vma.start < new_addr;
  const newSize = merged ? len : new_vma.end - new_addr;
  const rest: Range[] = [
    { start: new_vma.start, end: new_addr },
    { start: new_addr + newSize, end: new_vma.end },
  ].filter((r) => r.start < r.end);
  return {
    mapped: [vma, ...rest],
    written: !merged,
    call: move(newSize),
    assumed: [
      merged ? `${anonymous}, with every page read and none written, so that the copy merges with what lies beside the new range` : `${anonymous}, with every page written`,
      ...(newSize === len ? [] : [`the mapping grows to ${size(newSize)}, the length of the new VMA`]),
      'MREMAP_MAYMOVE|MREMAP_FIXED: the line does not tell who chose the new address',
    ],
  };
}

function verdict({ moveCalls, result }: OpRecord, wanted: MoveCall): string {
  const [first] = moveCalls;
  if (first === undefined) return result.kind === 'errno' ? `the model refuses that call with ${result.errno}` : 'the model does not come to move_page_tables()';
  return printkLine(first) === printkLine(wanted) ? 'the model calls move_page_tables() with the same arguments' : `the model calls it differently: ${printkLine(first)}`;
}
