/** System V shared memory, as the shared mappings that it is: shmget(2), shmat(2), shmdt(2). */
import { MAP, PROT, type Bytes, type Op } from '../../machine/index.js';
import { printedNumber, readAnswer, splitArguments, withoutComment, type Answer } from './arguments.js';
import { unread, type MappedFile, type SegmentName, type Unread } from './calls.js';
import { printedFlags } from './printed-constants.js';

/** include/uapi/linux/shm.h */
const SHM_RDONLY = 0o10000n;
const SHM_REMAP = 0o40000n;
const SHM_EXEC = 0o100000n;

export type SegmentRead =
  | { readonly kind: 'call'; readonly op: Op; readonly answer: Answer; readonly file?: MappedFile }
  /** The size of the segment is not in the log. */
  | { readonly kind: 'unknown'; readonly id: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unread'; readonly why: Unread };

export class Segments {
  private readonly sizes = new Map<string, Bytes>();
  /** How much is attached where, for shmdt. */
  private readonly attached = new Map<Bytes, Bytes>();

  read(name: SegmentName, text: string, open: number): SegmentRead {
    const args = splitArguments(text, open);
    if (args === undefined) return { kind: 'unread', why: unread('log-brackets', open, text.length - open, name) };
    const answer = readAnswer(text, args.end);
    if (answer === undefined) return { kind: 'unread', why: unread('log-result', args.end, text.length - args.end, name) };
    switch (name) {
      case 'shmget': {
        const size = printedNumber(withoutComment(args.texts[1] ?? ''));
        if (answer.kind === 'value' && size !== undefined && size > 0n) this.sizes.set(answer.value.toString(), size);
        return { kind: 'nothing' };
      }
      case 'shmat':
        return this.attach(args.texts, args.starts, answer, open);
      case 'shmdt':
        return this.detach(args.texts[0] ?? '', answer, open);
    }
  }

  private attach([id = '', where = '', how = '0']: readonly string[], starts: readonly number[], answer: Answer, open: number): SegmentRead {
    if (answer.kind !== 'value') return { kind: 'nothing' };
    const addr = printedNumber(withoutComment(where));
    const flags = printedFlags(withoutComment(how));
    if (addr === undefined) return { kind: 'unread', why: unread('log-argument', starts[1] ?? open, where.length, where, 'shmaddr', 'shmat') };
    if (flags === undefined) return { kind: 'unread', why: unread('log-argument', starts[2] ?? open, how.length, how, 'shmflg', 'shmat') };
    const length = this.sizes.get(id);
    if (length === undefined) return { kind: 'unknown', id };
    this.attached.set(answer.value, length);
    const prot = PROT.PROT_READ | (flags & SHM_RDONLY ? 0 : PROT.PROT_WRITE) | (flags & SHM_EXEC ? PROT.PROT_EXEC : 0);
    const fixed = addr === 0n ? 0 : flags & SHM_REMAP ? MAP.MAP_FIXED : MAP.MAP_FIXED_NOREPLACE;
    // With SHM_RND the kernel rounds the address down; where it went is in the answer.
    const at = addr === 0n ? 0n : answer.value;
    const op: Op = { name: 'mmap', addr: at, length, prot, flags: MAP.MAP_SHARED | fixed, fd: 0, offset: 0n };
    return { kind: 'call', op, answer, file: { key: `SYSV ${id}`, size: length } };
  }

  private detach(where: string, answer: Answer, open: number): SegmentRead {
    const addr = printedNumber(withoutComment(where));
    if (addr === undefined) return { kind: 'unread', why: unread('log-argument', open, where.length, where, 'shmaddr', 'shmdt') };
    const length = this.attached.get(addr);
    if (answer.kind !== 'value' || answer.value !== 0n) return { kind: 'nothing' };
    if (length === undefined) return { kind: 'unknown', id: `at ${where}` };
    return { kind: 'call', op: { name: 'munmap', addr, length }, answer };
  }
}
