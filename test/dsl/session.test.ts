import { describe, expect, test } from 'vitest';
import { createSession, readModel } from '../../dsl/index.js';
import { SetupError, type Machine, type Machines, type Op } from '../../machine/index.js';
import { expectDiagnostic, expectDiagnostics, expectShown, machines, newSession, run, runCells } from '../kit.js';

/** Machines like the model's that tell what they are asked, and may take their time to answer. */
function listening(options: { answer?: 'now' | 'later' } = {}): { machines: Machines; ops: Op[]; opened: string[] } {
  const ops: Op[] = [];
  const opened: string[] = [];
  const open: Machines['open'] = (spec, how) => {
    const inner = machines.open(spec, how);
    opened.push(inner.model.name);
    const perform: Machine['perform'] = (op) => {
      ops.push(op);
      const record = inner.perform(op);
      return options.answer === 'later' ? new Promise((resolve) => setTimeout(() => resolve(record), 1)) : record;
    };
    return { model: inner.model, geometry: inner.geometry, perform, space: () => inner.space() };
  };
  return { machines: { ...machines, open }, ops, opened };
}

describe('cells', () => {
  test('names outlive a cell and may be bound again', async () => {
    await expectShown('let a = 6', 'a * 7', '42');
    await expectShown('let a = 6', 'let a = 7', 'a', '7');
    await expectShown('a = 6', 'a = a + 1', 'a', '7');
  });

  test('the last expression is the result; a binding has none', async () => {
    await expectShown('6 * 7', '42');
    await expectShown('6 * 7\n8', '8');
    expect((await runCells('a = 1')).value).toBeUndefined();
    expect((await runCells('1\nlet a = 1')).value).toBeUndefined();
    expect((await runCells('')).value).toBeUndefined();
  });

  test('a rejected cell changes nothing', async () => {
    const session = newSession();
    const ran = await run('a = 1\nb = nowhere', 'cell', session);
    expect(ran.outcome).toBe('rejected');
    expect(ran.statements).toBe(0);
    expect(session.lookup('a')).toBeUndefined();
  });

  test('a cell that fails midway keeps what it did', async () => {
    const session = newSession();
    const ran = await run('a = 1\nb = a / 0\nc = 3', 'cell', session);
    expect(ran.outcome).toBe('failed');
    expect(ran.statements).toBe(1);
    expect(session.lookup('a')?.text).toBe('1');
    expect(session.lookup('c')).toBeUndefined();
  });

  test('a failing expectation is one diagnostic, sent and listed once', async () => {
    const ran = await runCells('a = 1\nexpect a == 2\nb = 2');
    expect(ran.outcome).toBe('failed');
    expect(ran.statements).toBe(3);
    const sent = ran.outputs.filter((o) => o.type === 'diagnostic');
    expect(sent).toHaveLength(1);
    expect(ran.diagnostics).toEqual([sent[0]?.diagnostic]);
  });

  test('unused names and dropped values are no matter in a cell', async () => {
    expect((await runCells('let a = 1\na == 1\n2')).diagnostics).toEqual([]);
  });
});

describe('files', () => {
  test('an unused let is a warning, and no failure', async () => {
    const ran = await run('let a = 1');
    expect(ran.ok).toBe(true);
    expect(ran.diagnostics).toMatchObject([{ code: 'unused-let', severity: 'warning' }]);
    await expectDiagnostic('let a = 1, <|b|> = 2\nprint a', { code: 'unused-let', message: /`b`/ });
  });

  test('warnings keep quiet while there are errors', () => expectDiagnostics('let a = 1\nlet b = 2\nexpect <|c|> == a', ['unknown-name']));

  test('let binds a name once, = as often as it likes', async () => {
    await expectDiagnostic('let a = 1\nlet <|a|> = 2\nprint a', { code: 'already-bound', message: /line 1/ });
    expect((await run('a = 1\na = 2\nprint a')).ok).toBe(true);
  });
});

describe('processes', () => {
  test('kernel starts a fresh process, names stay', async () => {
    const session = newSession();
    await run('kernel 6.1\nlet a = 1G\nmmap(a, 1M, rw, anon|private|fixed)', 'cell', session);
    expect(session.model).toBe('6.1');
    expect(session.records).toHaveLength(1);
    const ran = await run('kernel 6.12\nvma(a) == none', 'cell', session);
    expect(ran.value?.text).toBe('true');
    expect(session.model).toBe('6.12');
    expect(session.records).toHaveLength(0);
  });

  test('a behaviour can be switched', async () => {
    const session = newSession();
    expect((await run('kernel 6.12 without realign', 'cell', session)).diagnostics).toEqual([]);
    expect(session.model).toBe('6.12 with realign=none');
    await run('kernel 6.12 with realign=none', 'cell', session);
    expect(session.model).toBe('6.12 with realign=none');
  });

  test('a script that names its kernel opens that machine only', async () => {
    const { machines: heard, opened } = listening();
    await run('kernel 6.1\nprint rss', 'file', createSession(heard));
    expect(opened).toEqual(['6.1']);
  });

  test('a model given from outside is the one every kernel statement means', async () => {
    const { model } = readModel('6.12 without realign', machines);
    expect(model).toEqual({ release: '6.12', behaviours: { realign: 'none' } });
    const session = newSession({ model });
    expect(session.model).toBe('6.12 with realign=none');
    await run('kernel 6.1', 'file', session);
    expect(session.model).toBe('6.12 with realign=none');
  });

  test.each([
    ['6.99', 'unknown-release'],
    ['6.12 with relign=none', 'unknown-behaviour'],
    ['', 'expected-release'],
    ['6.12 with', 'expected-token'],
    ['6.12 extra', 'unexpected-token'],
  ])('a model from outside is judged as in a script: %j', (text, code) => {
    const read = readModel(text, machines);
    expect(read.model).toBeUndefined();
    expect('diagnostics' in read && read.diagnostics.map((d) => d.code)).toEqual([code]);
  });

  test('reset drops the names and the process', async () => {
    const session = newSession();
    await run('kernel 6.1\na = 1\nmmap(NULL, 1M, rw, anon|private)', 'cell', session);
    session.reset();
    expect(session.lookup('a')).toBeUndefined();
    expect(session.records).toEqual([]);
    expect(session.model).toBe(newSession().model);
  });

  test('a machine may answer later', async () => {
    const { machines: slow } = listening({ answer: 'later' });
    const ran = await run('a = mmap(NULL, 1M, rw, anon|private)\nmemset(a, 7, 1M)\nexpect peek(a + 1M - 1) == 7', 'file', createSession(slow));
    expect(ran.diagnostics).toEqual([]);
    expect(ran.expectations.held).toBe(1);
  });

  test("a machine's rejection is the run's", async () => {
    const broken: Machines = {
      ...machines,
      open: (spec) => ({ ...machines.open(spec), space: () => machines.open(spec).space(), perform: () => Promise.reject(new Error('gone')) }),
    };
    await expect(createSession(broken).run('munmap(0, 4096)', { mode: 'file' })).rejects.toThrow('gone');
  });

  test("what is wrong with the user's set-up is told, not thrown", async () => {
    const closed: Machines = {
      ...machines,
      open: () => {
        throw new SetupError('the model server is down', 'start it');
      },
    };
    const ran = await run('print rss', 'file', createSession(closed));
    expect(ran.diagnostics).toMatchObject([{ code: 'set-up', message: 'the model server is down', hint: 'start it' }]);
  });
});

describe('interruption', () => {
  const long = 'munmap(0x1000, 4096)\n'.repeat(20_000);

  test('an aborted signal stops a run before its next statement', async () => {
    const controller = new AbortController();
    controller.abort();
    const result = await newSession().run('a = 1', { mode: 'cell', signal: controller.signal });
    expect(result.outcome).toBe('interrupted');
    expect(result.ok).toBe(false);
    expect(result.statements).toBe(0);
  });

  test('a long run lets timers through, and can be stopped by one', async () => {
    const controller = new AbortController();
    const { machines: heard, ops } = listening();
    const slow: Machines = {
      ...heard,
      open: (spec) => {
        const machine = heard.open(spec);
        const perform: Machine['perform'] = (op) => {
          for (const end = performance.now() + 0.1; performance.now() < end;);
          return machine.perform(op);
        };
        return { ...machine, space: () => machine.space(), perform };
      },
    };
    const session = createSession(slow);
    const running = session.run(long, { mode: 'file', signal: controller.signal, onOutput: () => setTimeout(() => controller.abort(), 30) });
    setTimeout(() => controller.abort(), 50);
    const result = await running;
    expect(result.outcome).toBe('interrupted');
    expect(result.statements).toBeLessThan(20_000);
    expect(ops).toHaveLength(result.records.length);
  });

  test('the exploration of a race can be stopped', async () => {
    const controller = new AbortController();
    const threads = ['a', 'b', 'c'].map((t, i) => `thread ${t} { touch(1G, 16K) peek(1G + ${i * 4}K) }`.replace(') peek', ')\n peek')).join('\n');
    const text = `mmap(1G, 16K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)\nrace large {\n${threads}\n}\n`;
    let told = 0;
    const onOutput = (o: { type: string }): void => {
      if (o.type !== 'exploring') return;
      told++;
      controller.abort();
    };
    const result = await newSession().run(text, { mode: 'file', signal: controller.signal, onOutput });
    expect(result.diagnostics).toEqual([]);
    expect(result.outcome).toBe('interrupted');
    expect(told).toBe(1);
  });
});
