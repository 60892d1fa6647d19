/**
 * What tells one release from the next: a small program each, and since when it ends otherwise. The list is
 * kept apart from the table of behaviours, and says what a program sees; only what needs several CPUs is told by name.
 */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { findRelease, RELEASES } from '../../sim/models/releases.js';
import { isBefore } from '../../sim/models/series.js';
import { NONE, outcome, page, PageLab, PMD, PUD, R, RW } from './lab.js';

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED } = MREMAP;
const PRIVATE = MAP.MAP_PRIVATE;

interface Fact {
  readonly what: string;
  readonly see: (p: PageLab) => unknown;
  /** Up to the first of these releases, and since each. */
  readonly first: unknown;
  readonly since: readonly (readonly [release: string, value: unknown])[];
  /** Point releases that are not like their series. */
  readonly points?: Readonly<Record<string, unknown>>;
}

const watched = (p: PageLab, at: number, pages: number, mode: 'MISSING' | 'WP' = 'WP'): void => {
  p.do({ name: 'userfaultfd', features: [] });
  p.do({ name: 'uffd_register', addr: page(at), length: BigInt(pages) * 4096n, mode });
};
const charged = (p: PageLab, run: () => unknown): number => (run(), p.unmap(0, 300), p.committed);
const behaviour =
  (name: string) =>
  (p: PageLab): unknown =>
    p.machine.model.behaviours[name];

const FACTS: readonly Fact[] = [
  {
    what: 'pagemap shows what a userfaultfd has write-protected',
    see: (p) => (p.mapFull(0, 1), watched(p, 0, 1), p.do({ name: 'uffd_writeprotect', addr: page(0), length: 4096n, protect: true }), p.pages),
    first: '[0,1)a',
    since: [['5.14', '[0,1)w']],
  },
  {
    what: 'hugetlb memory moves',
    see: (p) => (p.sysctl('vm.nr_hugepages', 4), p.map(0, PMD, RW, MAP.MAP_HUGETLB), outcome(p.move(0, PMD, 4 * PMD))),
    first: 'EINVAL',
    since: [['5.16', `@${4 * PMD}`]],
  },
  { what: 'PMD tables that move whole', see: (p) => (p.map(0, PUD), p.write(0, 1), p.move(0, PUD, 4 * PUD).moved.pud), first: 0, since: [['5.11', 1]] },
  {
    what: 'DONTUNMAP of a file',
    see: (p) => (p.mapFile(p.memfd(4), 0, 4), outcome(p.dontUnmap(0, 4, 100))),
    first: 'EINVAL',
    since: [['5.13', '@100']],
  },
  {
    what: 'the source that DONTUNMAP leaves keeps its anon_vma',
    see: (p) => (p.mapFull(0, 4), p.dontUnmap(0, 4, 100), p.vma(0)?.anonVma !== null),
    first: true,
    since: [['5.13', false]],
  },
  {
    what: 'a userfaultfd for minor faults',
    see: (p) => (
      p.mapFile(p.memfd(4), 0, 4),
      p.do({ name: 'userfaultfd', features: [] }),
      outcome(p.do({ name: 'uffd_register', addr: page(0), length: 4n * 4096n, mode: 'MINOR' }))
    ),
    first: 'EINVAL',
    since: [['5.13', 'ok']],
  },
  { what: 'MADV_POPULATE_WRITE', see: (p) => (p.map(0, 1), outcome(p.advise(0, 1, 'MADV_POPULATE_WRITE'))), first: 'EINVAL', since: [['5.14', 'ok']] },
  { what: 'a call that changes nothing, where nothing is mapped', see: (p) => outcome(p.mremap(0, 1, 1)), first: '@0', since: [['5.16', 'EFAULT']] },
  {
    what: 'a FIXED move without a source leaves its destination',
    see: (p) => (p.map(100, 1), p.mremap(0, 1, 1, MAY | FIXED, 100), p.layout),
    first: '',
    since: [['5.16', '[100,101)rw']],
  },
  { what: 'MADV_DONTNEED_LOCKED', see: (p) => (p.map(0, 1), outcome(p.advise(0, 1, 'MADV_DONTNEED_LOCKED'))), first: 'EINVAL', since: [['5.18', 'ok']] },
  {
    what: 'write protection of shared memory',
    see: (p) => (p.mapFile(p.memfd(4), 0, 4), p.do({ name: 'userfaultfd', features: [] }), outcome(p.do({ name: 'uffd_register', addr: page(0), length: 4n * 4096n, mode: 'WP' }))),
    first: 'EINVAL',
    since: [['5.19', 'ok']],
  },
  {
    what: 'MADV_COLLAPSE',
    see: (p) => (p.mapFull(0, PMD), outcome(p.advise(0, PMD, 'MADV_COLLAPSE'))),
    first: 'EINVAL',
    since: [['6.1', 'ok']],
  },
  {
    what: 'a mapping that grows in place up to a neighbour joins it',
    see: (p) => (p.map(0, 2), p.map(4, 2), p.mremap(0, 2, 4), p.layout),
    first: '[0,4)rw [4,6)rw',
    since: [['6.1', '[0,6)rw']],
  },
  {
    what: 'a mapping grows in place from inside',
    see: (p) => (p.map(0, 3), p.unmap(2, 1), outcome(p.mremap(1, 1, 2, MAY))),
    first: '@1',
    since: [],
    points: { '6.1.0': 'ENOMEM', '6.1.1': 'ENOMEM', '6.1.2': '@1' },
  },
  {
    what: 'the page offset of a neighbour that takes a copied VMA in below it',
    see: (p) => {
      const fd = p.memfd(8, 0x500);
      p.mapFile(fd, 0, 2, 0);
      p.mapFile(fd, 102, 2, 2);
      p.move(0, 2, 100);
      p.read(100, 1);
      return [p.layout, p.word(100)];
    },
    first: ['[100,104)rws', 0x500],
    since: [
      ['6.3', ['[100,104)rws', 0x502]],
      ['6.4', ['[100,104)rws', 0x500]],
    ],
    points: { '6.3.1': ['[100,104)rws', 0x502], '6.3.2': ['[100,104)rws', 0x500] },
  },
  {
    what: 'smaps shows memory locked on fault',
    see: (p) => (p.map(0, 1), p.lock2(0, 1, 1), p.flags(0).includes('lf')),
    first: false,
    since: [['6.3', true]],
  },
  {
    what: 'a page fault takes the lock of its VMA',
    see: behaviour('per_vma_locks'),
    first: 'no',
    since: [['6.4', 'yes']],
  },
  {
    what: 'a move write-locks its source VMA',
    see: behaviour('vma_write_lock'),
    first: 'no',
    since: [['6.4', 'yes']],
  },
  {
    what: 'a shrink in place gives the mmap lock back with the unmapping',
    see: (p) => (p.map(0, 4), p.mremap(0, 4, 1).steps.filter((s) => s.text === 'dropped the mmap lock').length),
    first: 1,
    since: [['6.5', 0]],
  },
  {
    what: 'who has mapped and locked a PTE table looks at it again',
    see: behaviour('pte_map_recheck'),
    first: 'no',
    since: [['6.5', 'yes']],
  },
  {
    what: 'page tables of a collapsed file are retracted under the mmap lock',
    see: behaviour('retract_mmap_lock'),
    first: 'yes',
    since: [['6.6', 'no']],
  },
  {
    what: 'a table move looks at its source again under the locks',
    see: behaviour('move_pmd_recheck'),
    first: 'no',
    since: [['6.12', 'yes']],
    points: { '6.6.57': 'no', '6.6.58': 'yes', '6.11.4': 'no', '6.11.5': 'yes' },
  },
  {
    what: 'a move that begins inside a PMD is rounded down to its start',
    see: (p) => (p.mapFull(1, PMD - 1), p.move(1, PMD - 1, 4 * PMD + 1).moved.pmd),
    first: 0,
    since: [['6.7', 1]],
  },
  {
    what: '3 MiB without a hint begin at a PMD boundary',
    see: (p) => Number(p.mmap(0n, 768).result.kind === 'value' ? ([...p.space.vmas()][0]?.start ?? 0) % PMD : NaN) === 0,
    first: false,
    since: [
      ['6.7', true],
      ['6.12', false],
    ],
  },
  {
    what: '4 MiB without a hint do',
    see: (p) => (p.mmap(0n, 3), p.mmap(0n, 2 * PMD), [...p.space.vmas()].some((v) => v.end - v.start === 2 * PMD && v.start % PMD === 0)),
    first: false,
    since: [['6.7', true]],
  },
  {
    what: 'memory that becomes read-only unwritten is given back to the commit limit',
    see: (p) => (p.map(0, 4), p.protect(0, 4, R), p.committed),
    first: 4,
    since: [['6.7', 0]],
  },
  {
    what: 'MAP_STACK keeps huge pages out',
    see: (p) => (p.map(0, 1, RW, MAP.MAP_STACK), p.flags(0).includes('nh')),
    first: false,
    since: [['6.8', true]],
    points: { '6.7.5': false, '6.7.6': true },
  },
  { what: 'mseal()', see: (p) => (p.map(0, 1), outcome(p.seal(0, 1))), first: 'ENOSYS', since: [['6.10', 'ok']] },
  {
    what: 'MAP_DROPPABLE',
    see: (p) => outcome(p.mmap(page(0), 1, RW, MAP.MAP_DROPPABLE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED)),
    first: 'EINVAL',
    since: [['6.11', '@0']],
  },
  {
    what: 'a MAP_FIXED that a limit refuses leaves what was there',
    see: (p) => (p.map(0, 4), p.limit('RLIMIT_AS', 4), p.map(2, 4, R), p.sysctl('vm.overcommit_memory', 2), p.sysctl('vm.overcommit_ratio', 0), p.map(0, 2, RW), p.layout),
    first: '[2,4)rw',
    since: [['6.12', '[0,4)rw']],
  },
  {
    what: 'a mapping between two written ones joins the one below',
    see: (p) => (p.mapFull(0, 4), p.mapFull(8, 4), p.map(4, 4), p.layout),
    first: '[0,8)rw [8,12)rw',
    since: [
      ['6.1', '[0,4)rw [4,12)rw'],
      ['6.12', '[0,8)rw [8,12)rw'],
    ],
  },
  { what: 'guards in anonymous memory', see: (p) => (p.map(0, 1), outcome(p.advise(0, 1, 'MADV_GUARD_INSTALL'))), first: 'EINVAL', since: [['6.13', 'ok']] },
  {
    what: 'a store to the huge zero page makes a huge page of it',
    see: (p) => (p.do({ name: 'thp', enabled: 'always' }), p.map(0, PMD), p.read(0, 1), p.write(5, 1), p.pages),
    first: '[0,5)z [5,6)a [6,512)z',
    since: [['6.13', '[0,512)a']],
  },
  {
    what: 'write-protected tables, whose monitor does not hear of moves, move whole',
    see: (p) => (p.mapFull(0, PMD), watched(p, 0, PMD), p.move(0, PMD, 4 * PMD).moved.pmd),
    first: 1,
    since: [['6.13', 0]],
    // Both recorded releases have it from their stable trees.
    points: { '6.1': 0, '6.12': 0, '6.12.10': 1, '6.12.11': 0 },
  },
  {
    what: 'MADV_DONTNEED gives an empty PTE table back',
    see: (p) => (p.mapFull(0, PMD), p.advise(0, PMD, 'MADV_DONTNEED'), p.tables[0]),
    first: 1,
    since: [['6.14', 0]],
  },
  {
    what: 'guards in a file',
    see: (p) => (p.mapFile(p.memfd(4), 0, 4), outcome(p.advise(0, 1, 'MADV_GUARD_INSTALL'))),
    first: 'EINVAL',
    since: [['6.15', 'ok']],
  },
  {
    what: 'nothing mapped, and a new address that is misaligned',
    see: (p) => outcome(p.do({ name: 'mremap', old_address: page(0), old_size: 4096n, new_size: 4096n, flags: MAY | FIXED, new_address: page(9) + 1n })),
    first: 'EINVAL',
    since: [
      ['5.16', 'EFAULT'],
      ['6.15', 'EINVAL'],
    ],
  },
  {
    what: 'pages charged for good by a FIXED move to half the size',
    see: (p) => charged(p, () => (p.map(0, 8), p.mremap(0, 8, 4, MAY | FIXED, 100))),
    first: 0,
    since: [
      ['6.15', 4],
      ['7.3', 0],
    ],
  },
  {
    what: 'pages charged for good by DONTUNMAP',
    see: (p) => charged(p, () => (p.mapFull(0, 8), p.dontUnmap(0, 8, 100))),
    first: 0,
    since: [
      ['6.15', 8],
      ['6.18', 0],
    ],
    points: { '6.17.5': 8, '6.17.6': 0 },
  },
  {
    what: 'pages locked after DONTUNMAP of four',
    see: (p) => (p.map(0, 4), p.lock(0, 4), p.dontUnmap(0, 4, 100), p.space.usage.lockedVm),
    first: 4,
    since: [
      ['6.15', 8],
      ['7.3', 4],
    ],
  },
  {
    what: 'written memory moved beside unwritten memory joins it',
    see: (p) => (p.mapFull(96, 4), p.move(96, 4, 0), p.map(100, 4), p.move(0, 4, 96), p.layout),
    first: '[96,100)rw [100,104)rw',
    since: [['6.16', '[96,104)rw']],
  },
  {
    what: 'the neighbour takes over the anon_vma of written memory that joins it',
    see: (p) => (p.mapFull(96, 4), p.move(96, 4, 0), p.map(100, 4), p.move(0, 4, 96), p.vma(100)?.anonVma === null),
    first: true,
    since: [
      ['6.16', true],
      ['6.18', false],
    ],
    points: { '6.18.7': true, '6.18.8': false },
  },
  {
    what: 'a FIXED move over two VMAs and a hole',
    see: (p) => (p.map(0, 2), p.map(4, 2, R), outcome(p.move(0, 6, 100))),
    first: 'EFAULT',
    since: [['6.17', '@100']],
  },
  {
    what: 'a refused FIXED move leaves its destination',
    see: (p) => (p.map(0, 2), p.map(100, 4, NONE), p.mremap(0, 4, 5, MAY | FIXED, 100), p.layout),
    first: '[0,2)rw',
    since: [['6.17', '[0,2)rw [100,104)-']],
  },
  {
    what: 'memory with guards is marked',
    see: (p) => (p.map(0, 1), p.advise(0, 1, 'MADV_GUARD_INSTALL'), p.flags(0).includes('gu')),
    first: false,
    since: [['6.18', true]],
    points: { '6.18.0': false },
  },
  {
    what: 'a call that changes nothing, at vm.max_map_count',
    see: (p) => (p.map(0, 1), p.sysctl('vm.max_map_count', p.space.mapCount), outcome(p.mremap(0, 1, 1))),
    first: '@0',
    since: [['7.1', 'ENOMEM']],
  },
  {
    what: 'a FIXED move with four VMAs to spare',
    see: (p) => (p.map(0, 1), p.sysctl('vm.max_map_count', p.space.mapCount + 4), outcome(p.move(0, 1, 9))),
    first: 'ENOMEM',
    since: [['7.1', '@9']],
  },
  {
    what: 'written data of a library, moved, joins the rest of its file',
    see: (p) => {
      const fd = p.memfd(8, 0x500);
      p.mapFile(fd, 0, 4, 0, RW, PRIVATE);
      p.write(0, 1);
      p.move(0, 4, 100);
      p.mapFile(fd, 104, 4, 4, RW, PRIVATE);
      return p.layout;
    },
    first: '[100,108)rw',
    since: [['7.3', '[100,104)rw [104,108)rw']],
  },
  {
    what: 'the huge zero page is a page of a file to pagemap',
    see: (p) => (p.do({ name: 'thp', enabled: 'always' }), p.map(0, PMD), p.read(0, 1), p.pages),
    first: '[0,512)z',
    since: [
      ['6.1', '[0,512)f'],
      ['7.3', '[0,512)z'],
    ],
  },
];

/** As seen on a release: by its series, or as told for a point release. */
const expected = (fact: Fact, series: string): unknown => fact.points?.[series] ?? fact.since.findLast(([release]) => !isBefore(series, release))?.[1] ?? fact.first;

describe.each(FACTS)('$what', (fact) => {
  test.each(RELEASES.map((r) => r.name))('%s', (release) => {
    const p = new PageLab(release);
    p.machine['mm'].rmapBroken = true;
    expect(fact.see(p)).toEqual(expected(fact, release));
  });
  const points = Object.entries(fact.points ?? {});
  if (points.length > 0) {
    test.each(points)('%s', (release, value) => {
      expect(fact.see(new PageLab(release))).toEqual(value);
    });
  }
});

/** Few of their changes are modelled, or none: what they brought lies elsewhere. 6.18.44 has what 6.19 brought. */
const LITTLE_TOLD: Readonly<Record<string, number>> = { '5.11': 1, '5.14': 2, '5.17': 1, '5.18': 2, '5.19': 1, '6.8': 1, '6.9': 1, '6.10': 2, '6.19': 0, '7.0': 2, '7.1': 2 };

test('each derived release has at least three facts that tell it from its neighbours, or as many as are listed', () => {
  const names = RELEASES.map((r) => r.name);
  const told = (a: string | undefined, b: string | undefined): number =>
    a === undefined || b === undefined ? 0 : FACTS.filter((f) => JSON.stringify(expected(f, a)) !== JSON.stringify(expected(f, b))).length;
  const figures = RELEASES.flatMap((r, i): [string, number][] => (r.recorded === null ? [[r.name, told(names[i - 1], r.name) + told(r.name, names[i + 1])]] : []));
  expect(Object.fromEntries(figures.filter(([, n]) => n < 3))).toEqual(LITTLE_TOLD);
});

describe('names', () => {
  test.each([
    ['6.1.192', '6.1', null],
    ['6.1.0', '6.1.0', null],
    ['ubuntu-24.04', '6.8', 'Ubuntu 24.04'],
    ['rhel-10', '6.12', 'RHEL 10'],
  ])('%s is %s', (asked, name, alias) => {
    expect([findRelease(asked)?.name, findRelease(asked)?.alias ?? null]).toEqual([name, alias]);
  });
  test.each(['5.4', '6.99', '6.1.x', 'ubuntu-4.10', ''])('%s is none', (asked) => {
    expect(findRelease(asked)).toBeUndefined();
  });
  test('what a point release has is what its series had, and what its stable tree took over', () => {
    expect(new PageLab('6.1.0').machine.model.title).toBe('6.1.0 (derived)');
    expect(new PageLab('ubuntu-24.04').machine.model.title).toBe('Ubuntu 24.04: 6.8 (derived)');
  });
});
