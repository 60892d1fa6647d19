import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVENT } from '../../session/ipc.js';
import { Link } from '../../session/link.js';

type Sent = readonly [event: string, data: unknown];

/** Two links and the wires between them, on which things are until they are delivered or lost. */
class Pair {
  readonly got: unknown[][] = [[], []];
  readonly links = [new Link((m) => this.got[0]?.push(m)), new Link((m) => this.got[1]?.push(m))] as const;
  private wires: [Sent[], Sent[]] = [[], []];

  constructor() {
    this.reconnect();
  }

  /** Whatever is on the way is lost. */
  reconnect(): void {
    const wires: [Sent[], Sent[]] = [[], []];
    this.wires = wires;
    const [a, b] = [this.links[0].received, this.links[1].received];
    this.links[0].connect((...sent) => void wires[1].push(JSON.parse(JSON.stringify(sent)) as Sent), b);
    this.links[1].connect((...sent) => void wires[0].push(JSON.parse(JSON.stringify(sent)) as Sent), a);
  }

  /** One thing arrives at a side. */
  arrive(side: 0 | 1): boolean {
    const sent = this.wires[side].shift();
    if (sent !== undefined) this.links[side].take(...sent);
    return sent !== undefined;
  }

  settle(): void {
    while (this.arrive(0) || this.arrive(1));
  }

  get onTheWay(): number {
    return Math.max(...this.wires.map((wire) => JSON.stringify(wire).length));
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), side: fc.constantFrom(0 as const, 1 as const), text: fc.string({ unit: 'binary', maxLength: 20 }) }),
  fc.record({ do: fc.constant('send' as const), side: fc.constantFrom(0 as const, 1 as const), text: fc.constant('x\u{1f600}'.repeat(60_000)) }),
  fc.record({ do: fc.constant('arrive' as const), side: fc.constantFrom(0 as const, 1 as const) }),
  fc.record({ do: fc.constant('drop' as const) }),
);

test('whatever drops, each side gets what the other sent, once and in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const pair = new Pair();
      const sent: unknown[][] = [[], []];
      for (const s of steps) {
        if (s.do === 'drop') pair.reconnect();
        else if (s.do === 'arrive') pair.arrive(s.side);
        else {
          pair.links[s.side].send({ text: s.text });
          sent[1 - s.side]?.push({ text: s.text });
        }
      }
      pair.settle();
      expect(pair.got).toEqual(sent);
      expect(pair.links.map((link) => link.unconfirmed)).toEqual([0, 0]);
    }),
    { numRuns: 60 },
  );
});

test('of a long message only a part is on the way at a time', () => {
  const pair = new Pair();
  pair.links[0].send({ text: 'x'.repeat(5_000_000) });
  let most = 0;
  do most = Math.max(most, pair.onTheWay);
  while (pair.arrive(1) || pair.arrive(0));
  expect(most).toBeLessThan(300_000);
  expect(pair.got[1]).toEqual([{ text: 'x'.repeat(5_000_000) }]);
});

test.each([undefined, null, 7, 'text', [], {}, { n: 1 }, { n: '1', text: 'a', last: true }, { n: 9, text: '{}', last: true }, { n: 1, text: '{', last: true }])(
  'survives %j as a frame',
  (data) => {
    const got: unknown[] = [];
    const link = new Link((message) => got.push(message));
    link.connect(() => undefined, 0);
    link.take(EVENT.frame, data);
    link.take(EVENT.ack, data);
    expect(got).toEqual([]);
  },
);
