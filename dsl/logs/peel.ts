/**
 * What stands around a line by the time somebody pastes it: colours, quotes, the numbers of `grep -n`,
 * the times and names of journals, containers and CI, the marks of Markdown, mail and patches.
 */

/** ESC [ ... m and its like, and ESC ] ... BEL. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007]*(?:\u0007|\u001b\\)|[()][A-Z0-9])/g;
const ENTITY = /&(lt|gt|quot|amp|#39|nbsp);/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'", nbsp: ' ' };

const MONTH_DAY = '[A-Z][a-z]{2} [ \\d]?\\d';
const CLOCK = '\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d+)?)?';
const ZONE = ' ?(?:Z|UTC|[+-]\\d\\d:?\\d\\d)?';

/** What may stand before a line, each matched at its beginning. */
const BEFORE: readonly RegExp[] = [
  // Quoted, in mail or in a table of boxes.
  /^\s*(?:[>|│]\s?)+/,
  // `[2026-11-28 16:59:01]`, `2026-11-28T16:59:01.1234567Z`
  new RegExp(`^\\s*[[(]?\\d{4}[-/]\\d\\d[-/]\\d\\d[T ]${CLOCK}${ZONE}[\\])]?:?\\s+`),
  // `Nov 28 16:59:01`, of syslog, journals and ts(1)
  new RegExp(`^\\s*${MONTH_DAY} (?:\\d{4} )?${CLOCK}${ZONE}\\s+`),
  // `11-28 16:59:01.123  1234  1234 D tag     : `, of logcat
  new RegExp(`^\\d\\d-\\d\\d ${CLOCK}\\s+\\d+\\s+\\d+ [VDIWEF] .*?: `),
  // `host strace[123]: `, `strace[123]: `
  /^(?:[\w.-]+ )?[\w./@-]+\[\d+\]:\s/,
  /^[\w.-]+ [\w./-]+:\s(?=\S)/,
  // `stdout F `, of containers under Kubernetes
  /^std(?:out|err) [FP] /,
  // `worker_1  | `, of docker compose; `app[web.1]: `
  /^[\w.-]+\s+\|\s?/,
  /^[\w.-]+\[[\w.-]+\]:\s/,
  // `#12 0.345 `, of builds of images
  /^#\d+ \d+\.\d+ /,
  // `a.strace:12:`, `12:`, `12-`, of grep -n; `a.strace:`
  /^[^\s:()<>"{}=]+:\d+[:-]/,
  /^\d+[:-](?=\s*\S)/,
  /^[^\s:()<>"{}=]+:\s?(?=[\w[<+\-0-9])/,
  // `12 - `, `3. `, `3) `, `- `, `* `
  /^\s*(?:\d+ -|\d+[.)]|[-*+•])\s+/,
  // A patch that adds a log.
  /^[+-](?=[\w[ ])/,
  /^\s*`+/,
];

/** The text without terminal colours and HTML entities. */
export function plain(text: string): string {
  let line = text;
  if (line.includes('\u001b')) line = line.replace(ANSI, '');
  if (line.includes('&')) line = line.replace(ENTITY, (_, name: string) => ENTITIES[name] ?? '');
  if (line.charCodeAt(0) === 0xfeff) line = line.slice(1);
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

const MOST_LAYERS = 6;

/** What is left when one thing after another is taken off, the nearest to the whole first; the line itself is not among them. */
export function* peelings(text: string): Generator<string> {
  let line = text;
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const before = BEFORE.find((pattern) => pattern.test(line));
    const next = (before === undefined ? line : line.replace(before, '')).replace(/`+\s*$/, '');
    if (next === line) return;
    line = next;
    yield line;
  }
}
