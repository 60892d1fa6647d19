/** The realign patch through its review: what each posting moved, and which pages it would have lost. */
import { describe, expect, test } from 'vitest';
import { strayTexts } from '../../machine/index.js';
import { viewText } from '../../plot/index.js';
import { G, K, Lab, M } from './lab.js';

const P = 4n * K;
const model = (realign: string) => ({ release: '6.12', behaviours: { realign } });
/** The machine without its own checks: two of the postings break them. */
class Broken extends Lab {
  override do(op: Parameters<Lab['do']>[0]): ReturnType<Lab['do']> {
    const record = this.machine.perform(op);
    this.records.push(record);
    return record;
  }
}

type Row = [R: number, PMD: number, W: number, C: number, N: number, A: number, F: number];
const row = (lab: Lab, from: bigint, length: bigint, to: bigint): Row => {
  const { moved: m } = lab.move(from, length, to);
  return [m.realign, m.pmd, m.pmd_fail, m.move_ptes, m.pte, m.alloc_pte, m.flush];
};
const ALL = ['none', 'v2', 'v3', 'merged'] as const;

describe('E5: the printk of the review, zero pages, in one VMA', () => {
  test.each(ALL)('%s moves 256 entries in two steps', (realign) => {
    const lab = new Lab(model(realign));
    lab.map(M, M);
    lab.map(0x7f1f985f7000n, 10n * M);
    lab.read(0x7f1f985f7000n, 10n * M);
    expect(row(lab, 0x7f1f987f7000n, M, 0x7f1f98af7000n)).toEqual([0, 0, 0, 2, 256, 0, 2]);
  });
});

describe('E6: the same, mutually aligned', () => {
  const from = 0x7f1f9857f000n;
  const prepare = (realign: string): Lab => {
    const lab = new Broken(model(realign));
    lab.map(0x7f1f98400000n, 10n * M);
    lab.read(0x7f1f98400000n, 10n * M);
    return lab;
  };
  test.each(['none', 'v3', 'merged'])('%s leaves it alone', (realign) => {
    const lab = prepare(realign);
    expect(row(lab, from, M, from + 0x400000n)).toEqual([0, 0, 0, 2, 256, 0, 2]);
    expect(lab.records.at(-1)?.strays).toEqual([]);
  });
  test('v2 drags 383 pages along, over 383 others', () => {
    const lab = prepare('v2');
    expect(row(lab, from, M, from + 0x400000n)).toEqual([1, 0, 1, 2, 639, 0, 2]);
    const strays = lab.records.at(-1)?.strays ?? [];
    expect(strays.reduce((n, s) => n + s.entries, 0)).toBe(383);
    expect(strays.reduce((n, s) => n + s.overwritten, 0)).toBe(383);
    expect(lab.records.at(-1)?.log.length).toBe(1);
  });
});

describe('E7: from the middle of a VMA', () => {
  const prepare = (realign: string): Lab => {
    const lab = new Broken(model(realign));
    lab.map(M, M);
    lab.mapFull(0x8280000n, 0x580000n);
    return lab;
  };
  test.each(['none', 'merged'])('%s moves what was asked for', (realign) => {
    const lab = prepare(realign);
    expect(row(lab, 0x8300000n, 2n * M, 0x6300000n)).toEqual([0, 0, 0, 2, 512, 2, 2]);
    expect(lab.byte(0x8280001n)).toBe(0x10);
  });
  test.each(['v2', 'v3', 'linus_review'])('%s carries 128 pages off, to where nothing is mapped', (realign) => {
    const lab = prepare(realign);
    expect(row(lab, 0x8300000n, 2n * M, 0x6300000n)).toEqual([1, 1, 0, 1, 256, 1, 2]);
    const [stray, ...more] = lab.records.at(-1)?.strays ?? [];
    expect(more).toEqual([]);
    expect([stray?.entries, stray?.overwritten]).toEqual([128, 0]);
    expect(lab.byte(0x8280001n)).toBeUndefined();
    expect(lab.space.vmaAt(Number(0x6280000n / P))).toBeUndefined();
    expect(lab.byte(0x6280001n)).toBe(0x10);
  });
});

describe('E4: nothing is mapped below the destination', () => {
  const far = (realign: string): Row => {
    const lab = new Lab(model(realign));
    lab.mapFull(129n * M, 2n * M);
    return row(lab, 129n * M, 2n * M, 97n * M);
  };
  test.each(['v2', 'v3'])('%s takes that for an obstacle', (realign) => expect(far(realign)).toEqual([0, 0, 0, 2, 512, 2, 2]));
  test.each(['merged', 'linus_review'])('%s does not', (realign) => expect(far(realign)).toEqual([1, 1, 0, 1, 256, 1, 2]));
});

describe('what went where it should not, in words', () => {
  const E6 = 0x7f1f9857f000n;
  test.each([
    [
      'v2',
      '383 pages of 0x7f1f98400000-0x7f1f9857f000, outside the request, went to 0x7f1f98800000-0x7f1f9897f000; 383 pages that were there are overwritten: nothing maps their frames any more; they show in a mapping that they do not belong to',
    ],
    ['merged', undefined],
  ])('E6 on %s', (realign, text) => {
    const lab = new Broken(model(realign));
    lab.map(0x7f1f98400000n, 10n * M);
    lab.read(0x7f1f98400000n, 10n * M);
    expect(strayTexts(lab.move(E6, M, E6 + 0x400000n))).toEqual(text === undefined ? [] : [text]);
  });

  test.each(['v2', 'v3', 'linus_review'])('E7 on %s', (realign) => {
    const lab = new Broken(model(realign));
    lab.map(M, M);
    lab.mapFull(0x8280000n, 0x580000n);
    const record = lab.move(0x8300000n, 2n * M, 0x6300000n);
    const text = '128 pages of 0x8200000-0x8300000, outside the request, went to 0x6200000-0x6300000; no mapping covers them there: the program has lost them';
    expect(strayTexts(record)).toEqual([text]);
    expect(viewText({ what: 'moves', record, model: 'x' })).toContain(`WRONG: ${text}`);
  });

  test.each([
    ['v2', '6.12 with realign=v2 (as posted)'],
    ['pud', '6.12 with realign=pud (what if)'],
    ['linus_review', '6.12 with realign=linus_review (what if)'],
    ['none', '6.12 with realign=none'],
  ])('realign=%s is called what it is', (realign, title) => {
    expect(new Lab(model(realign)).machine.model.title).toBe(title);
  });
  test('and a derived release with a posting is both', () =>
    expect(new Lab({ release: '6.3', behaviours: { realign: 'v3' } }).machine.model.title).toBe('6.3 with realign=v3 (derived, as posted)'));
});

describe('the int of the second posting', () => {
  const at = (base: bigint): Row => {
    const lab = new Broken({ release: '6.12', behaviours: { realign: 'v2', realign_int: 'yes' } });
    lab.map(M, M);
    lab.mapFull(base + M, 2n * M);
    return row(lab, base + M, 2n * M, base + 64n * M + M);
  };
  test('is right below 2 GiB', () => expect(at(256n * M)[0]).toBe(1));
  test('refuses above 4 GiB where bit 31 is clear', () => expect(at(64n * G)[0]).toBe(0));
  test('never refuses where bit 31 is set', () => expect(at(2n * G + 512n * M)[0]).toBe(1));
});

describe('what if it realigned to a PUD too', () => {
  test('E12 is then 3 PUDs and a remainder', () => {
    const lab = new Lab(model('pud'));
    lab.mapFull(128n * G + 513n * M, 2n * G);
    const { moved } = lab.move(128n * G + 513n * M, 2n * G, 64n * G + 513n * M);
    expect([moved.realign, moved.pud, moved.pmd, moved.pte]).toEqual([1, 2, 256, 256]);
  });
});

describe('the boundary lies in the VMA of the source itself', () => {
  test.each([
    ['v2', 1],
    ['v3', 0],
    ['merged', 0],
    ['linus_review', 1],
  ] as const)('%s', (realign, realigned) => {
    const lab = new Broken(model(realign));
    lab.map(M, M);
    lab.mapFull(16n * M, 6n * M);
    expect(lab.move(19n * M, 2n * M, 65n * M).moved.realign).toBe(realigned);
  });
});

describe('the mapping before the source ends at the boundary, or a page above it', () => {
  test.each(['v2', 'v3', 'merged', 'linus_review'])('%s', (realign) => {
    for (const [end, realigned] of [
      [16n * M, 1],
      [16n * M + P, 0],
    ] as const) {
      const lab = new Broken(model(realign));
      lab.map(15n * M, end - 15n * M, 1);
      lab.mapFull(17n * M, 3n * M);
      expect([end, lab.move(17n * M, 3n * M, 65n * M).moved.realign]).toEqual([end, realigned]);
    }
  });
});

const LENGTH = 3n * M + M / 2n;
test('what is in the way is named', () => {
  const refused = (prepare: (lab: Lab) => void, to: bigint): string | undefined => {
    const lab = new Lab('6.12');
    lab.mapFull(17n * M, LENGTH);
    prepare(lab);
    return lab.move(17n * M, LENGTH, to).steps.find((s) => s.fn === 'can_align_down' && s.verdict === 'refused')?.text;
  };
  expect(refused((lab) => lab.map(16n * M, P, 1), 65n * M)).toBe('no realignment: another mapping lies between the PMD boundary and the source');
  expect(refused((lab) => lab.map(64n * M, P, 1), 65n * M)).toBe('no realignment: another mapping lies between the PMD boundary and the destination');
  expect(refused(() => undefined, 13n * M)).toBe('no realignment: the new mapping itself lies between the PMD boundary and the source');
  expect(refused(() => undefined, 21n * M)).toBe('no realignment: the old mapping itself lies between the PMD boundary and the destination');
});
