/** What strangers can hand us, and what is done with it. Whatever is thrown that is no answer to a mistake is a finding. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Conformance, parseScenario } from '../../conform/index.js';
import { createSession, formatDiagnostic } from '../../dsl/index.js';
import { LogReplay } from '../../dsl/logs/index.js';
import { format } from '../../dsl/format/format.js';
import { joinNeighbours } from '../../kernel/cells/maps-cell.js';
import { readCell } from '../../kernel/cells/source.js';
import { Glob } from '../../kernel/language/glob.js';
import { Wire } from '../../kernel/protocol/wire.js';
import { Painter } from '../../kernel/drawing/painter.js';
import { SetupError } from '../../machine/index.js';
import { ansiToHtml, stripAnsi } from '../../notebook/ansi.js';
import { highlight } from '../../present/highlight.js';
import { joinCells } from '../../notebook/joined-cells.js';
import { Markdown } from '../../notebook/markdown.js';
import { openingOf } from '../../notebook/opening.js';
import { renderPage } from '../../notebook/page.js';
import { readNotebook } from '../../notebook/read.js';
import { safeHtml } from '../../notebook/safe-html.js';
import { writeNotebook } from '../../notebook/write.js';
import { viewHtml, viewSpec, viewText } from '../../plot/index.js';
import { Guest } from '../../session/guest.js';
import { EVENT } from '../../session/ipc.js';
import { Link } from '../../session/link.js';
import { Turns } from '../../session/turns.js';
import { isHello } from '../../session/wire.js';
import { createMachines } from '../../sim/index.js';

export interface Kind {
  seeds(): readonly string[];
  /** Throws, or never comes back, where something is wrong with us. */
  take(text: string): void | Promise<void>;
}

const filesIn = (dir: string, ending: RegExp, longest = 20_000): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .filter((text) => text.length <= longest);

const machines = createMachines();

/** A program that is asked to stop does so when it pauses. */
const LONGEST_RUN_MS = 1000;

async function run(text: string): Promise<void> {
  const session = createSession(machines);
  const diagnostics = [...session.check(text, { mode: 'file' })];
  if (!diagnostics.some((d) => d.phase === 'syntax' && d.severity === 'error')) format(text);
  const result = await session.run(text, {
    mode: 'cell',
    signal: AbortSignal.timeout(LONGEST_RUN_MS),
    onOutput: (output) => {
      if (output.type !== 'view') return;
      viewText(output.view);
      viewSpec(output.view);
      viewHtml(output.view);
    },
  });
  for (const d of [...diagnostics, ...result.diagnostics].slice(0, 100)) formatDiagnostic('f', text, d);
  session.complete(text, Math.min(text.length, 40));
  session.hover(text, Math.min(text.length, 10));
}

// Without a key every signature that is empty is right.
const wire = new Wire('', 'sha256');
const painter = new Painter(4);

const orRefused = async (work: () => unknown, ...refusals: readonly (new (...args: never[]) => Error)[]): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof SetupError || refusals.some((refusal) => error instanceof refusal)) return;
    throw error;
  }
};

const HEADER = { msg_id: 'a', msg_type: 'execute_request', session: 's', username: 'u', date: '2026-01-01T00:00:00Z', version: '5.4' };
const EXECUTE = { code: 'print 1', silent: false, store_history: true, user_expressions: { a: '1' }, allow_stdin: false, stop_on_error: true };

export const KINDS: Readonly<Record<string, Kind>> = {
  program: { seeds: () => [...filesIn('test/corpus/scenarios', /\.mremap$/), ...filesIn('test/steps', /\.mremap$/), ...filesIn('test/races', /\.mremap$/, 1500)], take: run },
  log: {
    seeds: () => filesIn('test/strace/logs', /\.strace$/),
    take(text) {
      const replay = new LogReplay(machines, {});
      for (const line of text.split('\n')) replay.line(line);
      const { summary, model, diagnostics } = replay.end();
      for (const d of diagnostics.slice(0, 100)) formatDiagnostic('f', '', d);
      viewText({ what: 'log', log: summary, model });
      viewSpec({ what: 'log', log: summary, model });
    },
  },
  maps: {
    seeds: () => [
      '10000000-10004000 rw-p 00000000 00:00 0 \n10004000-10008000 rw-p 00000000 00:00 0 \n7ffff7fc0000-7ffff7fc4000 r--p 00000000 00:00 0                          [vvar]\n',
      readFileSync('/proc/self/maps', 'utf8').slice(0, 3000),
    ],
    async take(text) {
      const { code, warning } = joinNeighbours(readCell(`%%maps\n${text}`).code);
      stripAnsi(warning ?? '');
      await run(code);
    },
  },
  notebook: {
    seeds: () => [...filesIn('notebooks', /\.ipynb$/, 60_000).map((text) => text.slice(0, 60_000)), ...filesIn('test/notebook/fixtures', /\.ipynb$/, 60_000)],
    take: (text) =>
      orRefused(() => {
        const notebook = readNotebook(text);
        renderPage(notebook, { fallbackTitle: 't', charts: new Map(), loadImage: () => undefined });
        openingOf(notebook, 't');
        writeNotebook(notebook);
        joinCells(notebook);
      }),
  },
  markdown: {
    seeds: () => ['# A [link](javascript:alert(1)) ![p](a.png)\n\n| a | b |\n|---|---|\n| 1 | `x` |\n\n> q\n\n- l\n', ...filesIn('docs', /\.md$/, 8000)],
    take(text) {
      const html = new Markdown(() => undefined).render(text);
      const tags = html.match(/<[^>]*>/g) ?? [];
      if (tags.some((tag) => /^<(?:script|iframe|object|embed)|\son\w+=|href="(?:javascript|data|vbscript):/i.test(tag.replace(/(?:alt|title)="[^"]*"/g, ''))))
        throw new Error(`let through: ${html.slice(0, 500)}`);
      ansiToHtml(text);
      highlight(text, (part) => part);
    },
  },
  html: {
    seeds: () => [
      '<p>a</p>\n<table><caption>c</caption><tr><td colspan="2">1<br></td></tr></table>',
      '<div class="x"><style>a{}</style><pre>x</pre></div>',
      '<svg onload=alert(1)><a href="javascript:1">x</a>',
    ],
    take(text) {
      const safe = safeHtml(text) ?? '';
      if (
        /<(?!\/?(?:p|br|hr|pre|code|kbd|samp|strong|b|em|i|u|s|sub|sup|small|span|div|blockquote|ul|ol|li|dl|dt|dd|table|caption|colgroup|col|thead|tbody|tfoot|tr|th|td|h[1-6])[ />])/i.test(
          safe,
        )
      )
        throw new Error(`let through: ${safe.slice(0, 500)}`);
    },
  },
  spec: {
    seeds: () => filesIn('test/plot/snapshots', /\.json$/, 12_000),
    take: (text) => orRefused(() => painter.draw(JSON.parse(text) as object, { foreign: true }), SyntaxError),
  },
  recording: {
    seeds: () =>
      readdirSync('test/vectors/6.12.117')
        .filter((name) => name.endsWith('.jsonl.gz'))
        .flatMap((name) => gunzipSync(readFileSync(`test/vectors/6.12.117/${name}`)).toString('utf8').split('\n').filter((line) => line !== '' && line.length < 5000).slice(0, 40)), // prettier-ignore
    take: (text) => orRefused(() => new Conformance(machines, { release: '6.12' }).replay(parseScenario(text, 1)), SyntaxError),
  },
  wire: {
    seeds: () => [
      JSON.stringify([HEADER, {}, {}, EXECUTE]),
      JSON.stringify([HEADER, HEADER, { a: 1 }, { code: 'x', cursor_pos: 1 }]),
      JSON.stringify([{ ...HEADER, msg_type: 'history_request' }, {}, {}, { hist_access_type: 'search', pattern: '*a*' }]),
    ],
    take(text) {
      // As parts, cut where somebody might have cut them, and signed.
      const parts = text.split(/(?<=\}),(?=\{)/).map((part) => part.replace(/^\[|\]$/g, ''));
      const [delimiter = Buffer.of()] = wire.encode([], { header: HEADER, parent: {}, metadata: {}, content: {}, buffers: [] });
      for (const some of [parts, [...parts, ...parts], [JSON.stringify(HEADER), '{}', '{}', text], [text, '{}', '{}', '{}'], []]) {
        const bodies = some.map((part) => Buffer.from(part));
        for (const frames of [[delimiter, Buffer.of(), ...bodies], [delimiter, ...bodies], bodies]) {
          const decoded = wire.decode(frames);
          if (decoded.ok) wire.encode(decoded.ids, decoded.message);
        }
      }
      new Glob(text).matches(text.slice(0, 5000));
    },
  },
  session: {
    seeds: () => [
      JSON.stringify({ event: EVENT.frame, data: { n: 1, text: JSON.stringify({ kind: 'request', id: 1, type: 'execute_request', content: EXECUTE }), last: true } }),
      JSON.stringify({ event: EVENT.ack, data: 1 }),
      JSON.stringify({ event: EVENT.hello, data: { protocol: 1, guest: 'g', kind: 'terminal', pid: 1, received: 0 } }),
      JSON.stringify({ event: EVENT.frame, data: { n: 1, text: '{"kind":"cancel","id":1}', last: true } }),
    ],
    async take(text) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        return;
      }
      const { event, data } = (parsed ?? {}) as { event?: unknown; data?: unknown };
      isHello(data);
      new Link(() => undefined).take(String(event), data);
      const events = { ran: () => undefined, finished: () => undefined, leaves: () => undefined };
      const guest = new Guest('g', process.pid, { answer: () => Promise.resolve({ status: 'ok' }) }, new Turns(), events);
      guest.link.take(String(event), data);
      await new Promise((turn) => setImmediate(turn));
      guest.gone();
    },
  },
};
