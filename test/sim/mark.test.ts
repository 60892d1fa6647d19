/** A call taken back leaves a machine as it was, to the last table and frame. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MADV, MAP, MREMAP, PROT, type AddressSpace, type LevelName, type Op } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/machine.js';

const PAGE = 4096n;
const ARENA = 1n << 40n;
const at = fc.nat(1200).map((n) => ARENA + BigInt(n) * PAGE);
const length = fc.integer({ min: 1, max: 700 }).map((n) => BigInt(n) * PAGE);
const prot = fc.constantFrom(PROT.PROT_NONE, PROT.PROT_READ, PROT.PROT_READ | PROT.PROT_WRITE);
const kind = fc.constantFrom(MAP.MAP_PRIVATE, MAP.MAP_SHARED);

const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ addr: at, length, prot, kind, populate: fc.boolean() }).map(({ kind: shared, populate, ...of }): Op => ({
    name: 'mmap',
    ...of,
    flags: shared | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | (populate ? MAP.MAP_POPULATE : 0),
    fd: -1,
    offset: 0n,
  })),
  fc.record({ addr: at, length, kind }).map(({ kind: shared, ...of }): Op => ({ name: 'mmap', ...of, prot: 3, flags: shared | MAP.MAP_FIXED, fd: 3, offset: 0n })),
  fc.record({ addr: at, length }).map((of): Op => ({ name: 'munmap', ...of })),
  fc.record({ addr: at, length, prot }).map((of): Op => ({ name: 'mprotect', ...of })),
  fc
    .record({ addr: at, length, advice: fc.constantFrom(MADV.MADV_DONTNEED, MADV.MADV_POPULATE_WRITE, MADV.MADV_HUGEPAGE, MADV.MADV_FREE) })
    .map((of): Op => ({ name: 'madvise', ...of })),
  fc.record({ addr: at, length }).map((of): Op => ({ name: 'mlock', ...of })),
  fc.record({ addr: at, length }).map((of): Op => ({ name: 'touch', ...of })),
  fc
    .record({ old_address: at, old_size: length, new_size: length, flags: fc.constantFrom(0, MREMAP.MREMAP_MAYMOVE) })
    .map((of): Op => ({ name: 'mremap', ...of, new_address: 0n })),
  fc.record({ old_address: at, old_size: length, new_address: at }).map((of): Op => ({ name: 'mremap', ...of, new_size: of.old_size, flags: 3 })),
  fc.nat(64).map((n): Op => ({ name: 'brk', addr: 0x600000n + BigInt(n) * PAGE })),
);

const LEVELS: readonly LevelName[] = ['pte', 'pmd', 'pud'];

function told(space: AddressSpace): object {
  return {
    usage: { ...space.usage, tables: { ...space.usage.tables } },
    vmas: [...space.vmas()],
    pages: [...space.pages()],
    tables: LEVELS.map((level) => [...space.tables(level)]),
    // When one was last copied is nobody's business.
    anonVmas: [...space.vmas()].map((v) => (v.anonVma === null ? null : { ...space.anonVma(v.anonVma), age: 0 })),
  };
}

test('a call taken back has not happened, and what follows goes as if it had not', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(op, fc.option(op)), { maxLength: 25 }), (steps) => {
      const open = (): SimulatedMachine => {
        const machine = new SimulatedMachine({ release: '6.18' }, { records: 'lean', steps: false });
        machine.perform({ name: 'memfd', file: 'f', size: 1024n * PAGE });
        return machine;
      };
      const [plain, tried] = [open(), open()];
      for (const [own, attempt] of steps) {
        if (attempt !== null) {
          const undo = tried.mark(attempt);
          tried.perform(attempt);
          undo();
          tried.check();
          expect(told(tried.space())).toEqual(told(plain.space()));
        }
        expect(tried.perform(own).result).toEqual(plain.perform(own).result);
      }
      expect(told(tried.space())).toEqual(told(plain.space()));
    }),
    { numRuns: 60 },
  );
});
