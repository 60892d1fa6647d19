import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placed, type Claimed } from '../../dsl/evaluating/claim.js';
import { createSession } from '../../dsl/index.js';
import { readAnswer } from '../../dsl/logs/arguments.js';
import { isUnread, readMemoryCall, roleOf } from '../../dsl/logs/calls.js';
import { readLine } from '../../dsl/logs/line.js';
import { ERRNO, givesAddress, hex, opText, type Errno, type Machines, type Op, type OpRecord } from '../../machine/index.js';
import { machines, run } from '../kit.js';
import { printedOps } from './printed-ops.js';

/** Machines that answer every call the same, and keep what they were asked. */
function keeping(asked: Op[], answer: OpRecord): Machines {
  return {
    ...machines,
    open: (spec) => {
      const { model, geometry } = machines.open(spec);
      const perform = (op: Op): OpRecord => {
        asked.push(op);
        return { ...answer, op };
      };
      return { model, geometry, perform, space: () => answer.after };
    },
  };
}

const claims: fc.Arbitrary<Claimed> = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value): Claimed => ({ kind: 'value', value })),
  fc.constantFrom(...(Object.keys(ERRNO) as Errno[])).map((errno): Claimed => ({ kind: 'errno', errno })),
);

function printed(op: Op, claimed: Claimed): string {
  if (claimed.kind === 'errno') return `${opText(op)} = -1 ${claimed.errno} (${ERRNO[claimed.errno][1]})`;
  return `${opText(op)} = ${givesAddress(op) ? hex(claimed.value) : claimed.value}`;
}

/** The operation with its claim, as the reader of logs has it. */
function readByHand(text: string): { op: Op; answer: unknown } {
  const line = readLine(text);
  if (line.kind !== 'call') throw new Error(`${text} is read as ${line.kind}`);
  const role = roleOf(line.name);
  if (role.role !== 'memory') throw new Error(`${line.name} is no memory call`);
  const call = readMemoryCall(role, text, line.open);
  if (isUnread(call)) throw new Error(`${text}: ${call.code}`);
  const answer = readAnswer(text, call.end);
  if (answer === undefined || answer.kind === 'unknown') throw new Error(`${text}: no result`);
  return { op: placed(call.op, answer), answer };
}

test('the reader of logs and the grammar make the same call and the same claim of whatever strace prints', async () => {
  const [answer] = (await run('munmap(0x1000, 4096)')).records;
  if (answer === undefined) throw new Error('no record');
  await fc.assert(
    fc.asyncProperty(
      printedOps,
      claims,
      fc.constantFrom('', '123 ', '[pid   123] ', '123 09:15:46.082094 '),
      fc.constantFrom('', ' <0.000012>'),
      async (op, claimed, before, behind) => {
        const text = printed(op, claimed);
        const asked: Op[] = [];
        const { diagnostics } = await run(text, 'cell', createSession(keeping(asked, answer)));
        // What no kernel can have answered is a mistake in a scenario; in a log it is a claim that fails.
        fc.pre(diagnostics.every((d) => d.code !== 'impossible-claim'));
        const read = readByHand(before + text + behind);
        expect(asked).toEqual([read.op]);
        expect(read.answer).toEqual(claimed);
      },
    ),
    { numRuns: 500 },
  );
});
