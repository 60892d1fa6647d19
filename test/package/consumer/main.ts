/** What somebody else's program may rely on: names, types and behaviour of every export. It is compiled against the packed package, then run. */
import { createMachines, createSession, viewSpec, viewText, type OpRecord, type RunResult, type Session } from 'mremap-lab';
import { Conformance, parseScenario, textReport, type Disagreement } from 'mremap-lab/conform';
import { createSession as sessionOf, type Diagnostic } from 'mremap-lab/dsl';
import { format } from 'mremap-lab/format';
import { MREMAP, PROT, SetupError, type Machine, type Machines, type Op } from 'mremap-lab/machine';
import { specToSvg, viewHtml } from 'mremap-lab/plot';
import { createMachines as machinesOf } from 'mremap-lab/sim';
import { LogReplay, type LogResult } from 'mremap-lab/strace';

/** Compiles only where A and B are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => undefined;

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(`does not hold: ${what}`);
}

// The root and the rooms are the same things, not two copies.
claim(createMachines === machinesOf && createSession === sessionOf, 'one module, by two names');
same<typeof createMachines, typeof machinesOf>(true);

// A session of the language.
const machines: Machines = createMachines();
const session: Session = createSession(machines, { model: { release: '6.12' } });
const result: RunResult = await session.run(
  'p = mmap(1G, 4M, rw, anon|private|fixed)\ntouch(p, 4M)\nm = mremap(p, 4M, 4M, maymove|fixed, 2G)\nexpect m.moved.pmd == 2\nshow moves m\nm',
  {
    mode: 'file',
    onOutput: (output) => {
      if (output.type === 'view') claim(viewText(output.view).includes('PMD'), 'a view has a text');
      // @ts-expect-error only outputs of type `view` have a view
      void output.view;
    },
  },
);
claim(result.ok, 'the scenario runs');
same<RunResult['diagnostics'], readonly Diagnostic[]>(true);
// @ts-expect-error a mode is `file` or `cell`
void session.run('1', { mode: 'line' });
const [wrong] = session.check('mmap(1G, 4M, rx', { mode: 'cell' });
claim(wrong !== undefined && wrong.severity === 'error' && wrong.line === 1, 'a mistake has its place');

// A machine, asked directly: bytes are bigint, pages are numbers.
const machine: Machine = machines.open({ release: '6.18' });
// perform() may answer later, where the machine is not a model.
const map: OpRecord = await machine.perform({ name: 'mmap', addr: 0x40000000n, length: 0x4000n, prot: PROT.PROT_READ | PROT.PROT_WRITE, flags: 0x32, fd: -1, offset: 0n });
claim(map.result.kind === 'value' && map.result.value === 0x40000000n, 'mmap answers with the address');
const moved = await machine.perform({ name: 'mremap', old_address: 0x40000000n, old_size: 0x4000n, new_size: 0x8000n, flags: MREMAP.MREMAP_MAYMOVE, new_address: 0n });
claim(moved.op.name === 'mremap' && moved.result.kind === 'value', 'mremap grows it');
// @ts-expect-error lengths are bytes, and bytes are bigint
const pages: Op = { name: 'munmap', addr: 0n, length: 4096 };
void pages;
let refused: unknown;
try {
  machines.open({ release: '2.4' });
} catch (error) {
  refused = error;
}
claim(refused instanceof SetupError && refused.hint !== '', 'an unknown release is a SetupError with a hint');

// Pictures.
const view = result.records.length > 0 ? ({ what: 'moves', record: result.records.at(-1) as OpRecord, model: '6.12' } as const) : undefined;
if (view !== undefined) {
  const spec = viewSpec(view);
  claim(spec !== null && (await specToSvg(spec)).startsWith('<svg'), 'a chart is drawn without a browser');
  const html: string | null = viewHtml(view);
  claim(html === null || html.includes('<table'), 'a table is HTML');
}

// The layout, logs and recordings.
same<typeof format, (text: string) => string>(true);
claim(format('a=1+2') === 'a = 1 + 2\n', 'format lays a program out');
const replay = new LogReplay(machines, { model: { release: '6.12' } });
replay.line('mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000');
const log: LogResult = replay.end();
claim(log.ok, 'a log is replayed');
const conformance = new Conformance(machines, { release: '6.12' });
conformance.replay(parseScenario('{"id":"a","corpus":"c","kernel":"6.12.117","note":"","steps":[{"op":["mremap","0x1001","4096","4096","0"],"ret":"EINVAL"}]}', 1));
same<typeof conformance.disagree, Disagreement[]>(true);
claim(conformance.ops === 1 && textReport(conformance, '6.12').includes('1 scenario'), 'a recording is replayed');

console.log('all exports work');
