import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CALLABLES, signature } from '../../dsl/vocabulary/calls.js';
import { createSession } from '../../dsl/index.js';
import { SETTINGS } from '../../dsl/vocabulary/settings.js';
import { opText, type Machines, type Op, type OpRecord } from '../../machine/index.js';
import { expectHolds, expectPrinted, machines, run } from '../kit.js';
import { printedOps } from '../strace/printed-ops.js';

describe('what strace prints is a program', () => {
  /** Machines that answer every call the same, and keep what they were asked. */
  function keeping(asked: Op[], answer: OpRecord): Machines {
    return {
      ...machines,
      open: (spec) => {
        const { model, geometry, ...machine } = machines.open(spec);
        const perform = (op: Op): OpRecord => {
          asked.push(op);
          return { ...answer, op };
        };
        return { ...machine, model, geometry, perform, space: () => answer.after };
      },
    };
  }

  test('any call that is printed is read back as the same call', async () => {
    const [answer] = (await run('munmap(0x1000, 4096)')).records;
    if (answer === undefined) throw new Error('no record');
    await fc.assert(
      fc.asyncProperty(printedOps, async (op) => {
        const asked: Op[] = [];
        const ran = await run(opText(op), 'cell', createSession(keeping(asked, answer)));
        expect(ran.diagnostics).toEqual([]);
        expect(asked).toEqual([op]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('calls', () => {
  test('change what may be done with pages', () =>
    expectHolds(`mmap(1G, 4 page, rw, anon|private|fixed)
      mprotect(1G + page, page, PROT_READ) = 0
      expect vmas(1G..+4 page).count == 3 and vma(1G + page).perms == "r--p"
      mprotect(1G, 4 page, rwx) = 0
      expect vma(1G).perms == "rwxp" and vmas(1G..+4 page).count == 1`));

  test('give pages up', () =>
    expectHolds(`mmap(1G, 4 page, rw, anon|private|fixed)
      memset(1G, 7, 4 page)
      madvise(1G, page, MADV_DONTNEED) = 0
      expect not pte(1G).present and peek(1G) == 0 and peek(1G + page) == 7
      madvise(1G, 4 page, dontneed) = 0
      expect rss == 0`));

  test('lock pages', () =>
    expectHolds(`mmap(1G, 4 page, rw, anon|private|fixed)
      mlock(1G, page) = 0
      expect locked == page and pte(1G).present
      munlock(1G, page) = 0
      mlock2(1G, 2 page, MLOCK_ONFAULT) = 0
      expect locked == 2 page and not pte(1G + page).present
      mlockall(MCL_CURRENT) = 0
      expect locked >= 4 page
      munlockall() = 0
      expect locked == 0`));

  test.each(Object.entries(SETTINGS))('%s can be set', async (name, { takes, words = [] }) => {
    const values = { size: ['64K', 'unlimited'], number: ['1'], flag: ['true', 'false'], word: words }[takes];
    const { records } = await expectHolds(values.map((v) => `set ${name} = ${v}`).join('\n'));
    expect(records).toHaveLength(values.length);
  });

  test('are held to their limits', () =>
    expectHolds(`set rlimit.memlock = 4 page
      mmap(1G, 8 page, rw, anon|private|fixed)
      mlock(1G, 5 page) = -1 ENOMEM (Cannot allocate memory)
      mlock(1G, 4 page) = 0
      set rlimit.memlock = unlimited
      mlock(1G, 5 page) = 0`));

  test('move the break', async () => {
    await expectHolds('b = brk(NULL)\nbrk(b + 16K) = b + 16K\nexpect vma(b).end == b + 16K');
    await expectPrinted('b = brk(NULL)\nprint b == brk(NULL)', 'true\n');
  });

  test.each([...CALLABLES.values()].map((c) => [signature(c), c]))('%s names its parameters once', (_, c) => {
    const names = c.params.map((p) => p.name);
    expect(new Set(names).size).toBe(names.length);
    expect(c.params.findIndex((p) => p.optional)).toBe(c.params.some((p) => p.optional) ? c.params.filter((p) => !p.optional).length : -1);
  });
});
