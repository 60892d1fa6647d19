/** Random programs: the model's own invariants after every operation, and memory that behaves like memory. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAP, MREMAP, PROT, type Op } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/index.js';
import { RELEASES } from './lab.js';

const P = 4096n;
/** 16 pages below a PUD boundary to 48 above it, so that tables come and go. */
const BASE = 1n << 40n;
const PAGES = 64;

const at = fc.nat(PAGES - 1).map((n) => BASE + BigInt(n - 16) * P);
const len = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(16, 32)).map((n) => BigInt(n) * P);
const far = fc.nat(3).map((n) => BASE + BigInt(n) * (1n << 21n));
const place = fc.oneof(at, far);
const prot = fc.constantFrom(PROT.PROT_READ | PROT.PROT_WRITE, PROT.PROT_READ | PROT.PROT_WRITE, PROT.PROT_READ, PROT.PROT_NONE);
const FIXED_PRIVATE = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: DONT } = MREMAP;

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ name: fc.constant('mmap' as const), addr: place, length: len, prot, flags: fc.constantFrom(FIXED_PRIVATE, FIXED_PRIVATE, FIXED_PRIVATE | MAP.MAP_NORESERVE, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS), fd: fc.constant(-1), offset: fc.constant(0n) }),
  fc.record({ name: fc.constant('munmap' as const), addr: place, length: len }),
  fc.record({ name: fc.constant('store_words' as const), addr: place, length: len, value: fc.nat(1000).map(BigInt), stride: fc.constant(P) }),
  fc.record({ name: fc.constant('load_words' as const), addr: place, length: len, stride: fc.constant(P) }),
  fc.record({ name: fc.constant('memset' as const), addr: fc.tuple(place, fc.nat(5000)).map(([a, n]) => a + BigInt(n)), length: fc.nat(20000).map(BigInt), byte: fc.nat(255) }),
  fc.record({ name: fc.constant('mremap' as const), old_address: place, old_size: len, new_size: len, flags: fc.constantFrom(0, MAY, MAY | FIXED), new_address: place }),
  fc.tuple(place, len, place, fc.constantFrom(MAY | FIXED, MAY | FIXED, MAY | FIXED | DONT)).map(([old_address, length, new_address, flags]): Op => ({ name: 'mremap', old_address, old_size: length, new_size: length, flags, new_address })),
);

test.each(RELEASES)('kernel %s keeps its own rules', (release) => {
  fc.assert(
    fc.property(fc.array(op, { minLength: 1, maxLength: 40 }), (ops) => {
      const machine = new SimulatedMachine({ release }, { steps: false });
      for (const o of ops) {
        machine.perform(o);
        machine.check();
      }
    }),
    { numRuns: 400 },
  );
});

test.each(RELEASES)('kernel %s: a move carries every byte of its range, and changes no other', (release) => {
  fc.assert(
    fc.property(fc.array(op, { minLength: 3, maxLength: 25 }), (ops) => {
      const machine = new SimulatedMachine({ release }, { steps: false });
      for (const o of ops) {
        const { before, after, result } = machine.perform(o);
        if (o.name !== 'mremap' || result.kind !== 'value' || (o.flags & FIXED) === 0) continue;
        const moved = o.old_size < o.new_size ? o.old_size : o.new_size;
        const inside = (a: bigint, start: bigint, length: bigint): boolean => a >= start && a < start + length;
        for (let a = BASE - 32n * P; a < BASE + BigInt(PAGES) * P; a += P / 2n) {
          if (inside(a, o.old_address, o.old_size)) {
            const offset = a - o.old_address;
            if (offset < moved) expect(after.byteAt(o.new_address + offset)).toBe(before.byteAt(a));
          } else if (!inside(a, o.new_address, o.new_size)) {
            expect(after.byteAt(a)).toBe(before.byteAt(a));
          }
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('records are immutable: what a space showed before a call it shows after a hundred more', () => {
  fc.assert(
    fc.property(fc.array(op, { minLength: 2, maxLength: 30 }), (ops) => {
      const machine = new SimulatedMachine({ release: '6.18' });
      const shown = (): string => {
        const space = machine.space();
        return text(space);
      };
      const seen = ops.map((o) => {
        machine.perform(o);
        return { space: machine.space(), then: shown() };
      });
      for (const { space, then } of seen) expect(text(space)).toBe(then);
    }),
    { numRuns: 60 },
  );
});

const text = (space: ReturnType<SimulatedMachine['space']>): string =>
  JSON.stringify([[...space.vmas()], [...space.pages()], [...space.tables('pte')], [...space.tables('pmd')], space.usage], (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v));
