/** A claimed result: it places what the kernel would place freely, and is held against the answer. */
import { choosesAddress, ERRNO, givesAddress, givesFd, hex, resultText, u64, type Errno, type Op, type OpRecord } from '../../machine/index.js';

export type Claimed = { readonly kind: 'value'; readonly value: bigint } | { readonly kind: 'errno'; readonly errno: Errno };

/** The operation, told where to put the mapping if that is the kernel's to choose. */
export function placed(op: Op, claimed: Claimed): Op {
  return claimed.kind === 'value' && claimed.value > 0n && choosesAddress(op) ? { ...op, place: u64(claimed.value) } : op;
}

export interface Contradiction {
  readonly claimed: string;
  readonly answered: string;
  readonly why?: string;
}

/** What is wrong with the claim; undefined when the kernel answered so. */
export function contradiction(claimed: Claimed, { op, result, ...rest }: OpRecord): Contradiction | undefined {
  const holds =
    claimed.kind === 'errno'
      ? result.kind === 'errno' && result.errno === claimed.errno
      : givesFd(op) && claimed.value >= 0n && result.kind === 'value'
        ? true
        : u64(claimed.value) === (result.kind === 'value' ? result.value : u64(-1n));
  if (holds) return undefined;
  return {
    claimed: claimText(claimed, op),
    answered: resultText({ op, result, ...rest }),
    why: result.kind === 'errno' ? result.refusal.why : placed(op, claimed) === op ? undefined : 'the mapping could not be placed there',
  };
}

function claimText(claimed: Claimed, op: Op): string {
  if (claimed.kind === 'errno') return `-1 ${claimed.errno} (${ERRNO[claimed.errno][1]})`;
  return givesAddress(op) && claimed.value >= 0n ? hex(claimed.value) : claimed.value.toString();
}
