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
        return { ...report, shortest: report.shortest.bind(report), bound: { kind: 'states' as const, limit: 250_000 } };
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

  test.each([
    ['never violation', /^race stores: never violation: undecided, 0 of \d+ final states, \d+ schedules, not all: explored up to 250000 states$/, 0, 1],
    ['always seen == 1 or seen == 2', /: undecided, /, 0, 1],
    ['sometimes deadlock', /: undecided, 0 of /, 0, 1],
    // One state is enough.
    ['sometimes seen == 1', /: holds, \d+ of \d+ final states, \d+ schedules, schedule \w+, not all: /, 1, 0],
  ])('where not everything was explored: expect %s', async (judgement, line, held, undecided) => {
    const { outputs, expectations, diagnostics, outcome } = await run(`${RACE}expect ${judgement}`, 'file', createSession(cutShort));
    expect(outputs.flatMap((o) => (o.type === 'text' ? [o.text.trimEnd()] : [])).at(-1)).toMatch(line);
    expect(expectations).toEqual({ held, failed: 0, ...(undecided > 0 && { undecided }) });
    expect(diagnostics.map((d) => d.code)).toEqual(undecided > 0 ? ['race-undecided'] : []);
    expect(outcome).toBe(undecided > 0 ? 'failed' : 'ok');
  });

  test('never that fails is decided, however little was explored', async () => {
    const { expectations } = await run(`${RACE}expect never seen == 1`, 'file', createSession(cutShort));
    expect(expectations).toEqual({ held: 0, failed: 1 });
  });

  test.each([
    ['within 0 preemptions', 'explored up to 0 preemptions'],
    ['within 20 states', 'explored up to 20 states'],
    ['within 20 states, seed 7', 'explored up to 20 states'],
  ])('a bound of its own: %s', async (bound, why) => {
    const said = await lines(`${RACE.replace('race stores', `race stores ${bound}`)}expect never deadlock`);
    expect(said[0]).toContain(`, not all: ${why}; nothing is broken in any of these`);
    expect(said.at(-1)).toContain('undecided');
  });

  test('a bound that is not reached changes nothing', async () => {
    expect((await lines(`${RACE.replace('race stores', 'race stores within 40 preemptions')}expect never deadlock`)).at(-1)).toMatch(
      /: holds, 0 of \d+ final states, \d+ schedules$/,
    );
  });

  test.each(['within 3 switches', 'within states 3', 'within 0 states'])('a bound that nobody knows: %s', async (bound) => {
    await expectDiagnostic(RACE.replace('race stores', `race stores ${bound}`), { code: 'unknown-bound' });
  });

  test('a race may be called within', async () => {
    expect((await lines(`${RACE.replace('race stores', 'race within')}expect never deadlock`)).at(-1)).toMatch(/^race within: never deadlock: holds/);
  });

  test('the front end bounds races that say nothing themselves', async () => {
    const session = createSession(machines);
    const bounded = await session.run(`${RACE}expect never deadlock`, { mode: 'file', races: { states: 20 } });
    expect(bounded.races[0]).toMatchObject({ undecided: true, holds: false, bound: 'explored up to 20 states' });
    const own = await session.run(`${RACE.replace('race stores', 'race stores within 9000 states')}expect never deadlock`, { mode: 'file', races: { states: 20 } });
    expect(own.races[0]).toMatchObject({ undecided: false, holds: true });
  });

  test('an interrupted race says what it had found, and can be judged', async () => {
    const session = createSession(machines);
    const threads = ['mremap(1G, 4K, 4K, MREMAP_MAYMOVE|MREMAP_FIXED, 2G)', 'swap_out(1G, 4K)', 'touch(1G, 4K)', 'poke(2G, 3)', 'migrate(1G, 4K)'];
    const large = `${SETUP}touch(1G, 4K)\nrace large {\n${threads.map((t, i) => `  thread t${i} { ${t} }\n`).join('')}}\n`;
    const stop = new AbortController();
    const said: string[] = [];
    const result = await session.run(large, {
      mode: 'cell',
      signal: stop.signal,
      onOutput: (o) => {
        if (o.type === 'exploring') stop.abort();
        if (o.type === 'text') said.push(o.text);
      },
    });
    expect(result.outcome).toBe('interrupted');
    expect(said.join('')).toMatch(/^race large: \d+ final states?, \d+ schedules?, not all: interrupted; /);
    const judged = await session.run('expect never deadlock', { mode: 'cell' });
    expect(judged.races[0]).toMatchObject({ undecided: true, bound: 'interrupted' });
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
