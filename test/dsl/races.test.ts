import { describe, expect, test } from 'vitest';
import { createSession } from '../../dsl/index.js';
import type { Machines } from '../../machine/index.js';
import { expectDiagnostic, machines, run } from '../kit.js';

const SETUP = 'kernel 6.1\nmmap(1G, 4K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)\n';
const RACE = `${SETUP}race stores {\n  thread a { poke(1G, 1) }\n  thread b {\n    poke(1G, 2)\n    seen = peek(1G)\n  }\n}\n`;

async function lines(text: string, session = createSession(machines)): Promise<string[]> {
  const { outputs } = await run(text, 'file', session);
  return outputs.flatMap((o) => (o.type === 'text' ? [o.text.trimEnd()] : []));
}

/** Explores as the model does, and says that it was cut short. */
const cutShort: Machines = {
  ...machines,
  open: (spec, options) => {
    const machine = machines.open(spec, options);
    return {
      model: machine.model,
      geometry: machine.geometry,
      perform: (op) => machine.perform(op),
      space: () => machine.space(),
      *explore(race) {
        const report = yield* machine.explore?.(race) ?? nothing();
        return { ...report, shortest: report.shortest.bind(report), bounded: true };
      },
    };
  },
};

function nothing(): never {
  throw new Error('the model explores races');
}

describe('a verdict is one line', () => {
  test.each([
    ['never violation', /^race stores: never violation: holds, 0 of \d+ final states, \d+ schedules$/],
    ['always seen == 1 or seen == 2', /^race stores: always seen == 1 or seen == 2: holds, (\d+) of \1 final states, \d+ schedules$/],
    ['sometimes seen == 1', /^race stores: sometimes seen == 1: holds, \d+ of \d+ final states, \d+ schedules, schedule [0-9a-f]{4}$/],
    ['never seen == 1', /^race stores: never seen == 1: fails, \d+ of \d+ final states, schedule [0-9a-f]{4}$/],
    ['always peek(1G) == 2', /^race stores: always peek\(1G\) == 2: fails, \d+ of \d+ final states, schedule [0-9a-f]{4}$/],
    ['sometimes deadlock', /^race stores: sometimes deadlock: fails, 0 of \d+ final states$/],
  ])('expect %s', async (judgement, line) => {
    expect((await lines(`${RACE}expect ${judgement}`)).at(-1)).toMatch(line);
  });

  test('a race without a name', async () => {
    expect((await lines(`${RACE.replace('race stores', 'race')}expect never violation`)).at(-1)).toMatch(/^race: never violation: holds/);
  });

  test('where not everything was explored', async () => {
    expect((await lines(`${RACE}expect never violation`, createSession(cutShort))).at(-1)).toMatch(/ schedules, bounded$/);
  });
});

describe('schedules', () => {
  test('have an id that stays the same, and replays them', async () => {
    const session = createSession(machines);
    const first = await run(`${RACE}expect sometimes seen == 1`, 'cell', session);
    const [verdict] = first.races;
    const again = await run(`${RACE}expect sometimes seen == 1`);
    expect(again.races[0]?.schedule).toBe(verdict?.schedule);
    const replayed = await run(`replay ${verdict?.schedule ?? ''} with state`, 'cell', session);
    expect(replayed.outputs).toMatchObject([{ type: 'view', view: { what: 'schedule', states: true, schedule: { id: verdict?.schedule } } }]);
  });

  test('of the process as it was: the race leaves it alone', async () => {
    expect((await run(`${RACE}expect vma(1G).start == 1G\nexpect rss == 0`)).diagnostics).toEqual([]);
  });
});

describe('mistakes', () => {
  test.each([
    ['<|thread|> a { }', 'misplaced'],
    ['race { thread a { <|mmap|>(1G, 4K, rw, anon|private) } }', 'not-in-a-race'],
    ['race { <|print 1|> }', 'not-in-a-race'],
    ['race { thread a { <|munmap(1G, 4K) = 0|> } }', 'not-in-a-race'],
    ['race { thread a { x = peek(1G) } }\nexpect never x == 1\nprint <|x|>', 'unknown-name'],
    ['race { thread a { x = peek(1G) } }\nexpect never <|y|> == 1', 'unknown-name'],
  ])('%s', (text, code) => expectDiagnostic(text, { code }));

  test.each(['pin(1G, 4K)', 'swap_out(1G, 4K)', 'rmap_walk(1G)', 'mremap(1G, 2M, 4M, maymove|fixed, 2G)'])('beside a DAX mapping: %s', async (call) => {
    const { diagnostics } = await run(`f = dax("f", 4M)\nmmap(1G, 2M, rw, shared|fixed, f, 0)\npoke(1G, 1)\nrace {\n  thread a { ${call} }\n}\n`);
    expect(diagnostics.map((d) => `${d.message} ${d.hint ?? ''}`)).toEqual([expect.stringContaining('mremap without growth')]);
  });
});
