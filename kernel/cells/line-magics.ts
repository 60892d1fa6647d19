/** What the magics at the head of a cell do, before the rest of it runs. */
import { cellReport, type CellReport } from '../cell-report.js';
import type { Magic } from '../attach/magics.js';
import type { KernelDeps } from '../deps.js';
import { describeWord } from '../language/describe.js';
import type { Content } from '../protocol/message.js';
import type { SharedSession } from '../session.js';
import { plain } from './bundle.js';
import type { CellContext } from './context.js';
import { plainError, type CellError } from './error.js';
import { readUserFile, writeUserFile } from './files.js';
import { runLogCell } from './log.js';
import { magicList, unknownMagic } from './magics.js';
import { runScenario } from './scenario.js';
import type { LineMagic } from './source.js';
import type { Transcript } from './transcript.js';

export interface MagicContext {
  readonly deps: KernelDeps;
  readonly session: SharedSession;
  readonly transcript: Transcript;
  readonly cell: CellContext;
  /** For the front end to act on: pages, and text for the next cell. */
  readonly payload: Content[];
  /** Drops the names of the other language too. */
  reset(): Promise<void>;
  reported(report: CellReport): void;
  /** Magics that are none of a cell's own. */
  readonly extra: Readonly<Record<string, Magic>>;
}

/** @returns why the cell fails */
export async function runMagic(magic: LineMagic, by: MagicContext): Promise<CellError | undefined> {
  const { cell, session } = by;
  if (magic.kind === 'help') return help(magic.name, by);
  const { name, rest, line } = magic;
  switch (name) {
    case 'lsmagic':
      cell.output.stream('stdout', magicList());
      return undefined;
    case 'clear':
      cell.output.clear(false);
      return undefined;
    case 'time':
      // Its cell is timed where it runs.
      return undefined;
    case 'reset':
      (await session.get()).reset();
      by.transcript.clear();
      await by.reset();
      return undefined;
    case 'help':
      return help(rest, by);
    case 'kernel': {
      if (rest === '') return void cell.output.stream('stdout', `${(await session.get()).model}\n`);
      const statement = `kernel ${rest}`;
      // On the line it stands on, for what is said about it.
      const { error } = await runScenario(by, `${'\n'.repeat(line)} ${statement}`, cell);
      if (error === undefined) by.transcript.add(statement);
      return error;
    }
    case 'export':
      if (rest === '') return lacking(name);
      await writeUserFile(rest, by.transcript.program());
      cell.output.stream('stdout', `${rest}: ${by.transcript.summary()}\n`);
      return undefined;
    case 'load':
      if (rest === '') return lacking(name);
      by.payload.push({ source: 'set_next_input', text: asCell(rest, await readUserFile(rest)), replace: true });
      return undefined;
    case 'run':
      return rest === '' ? lacking(name) : runFile(rest, by);
    default:
      return Object.hasOwn(by.extra, name) ? by.extra[name]?.(rest, cell) : unknownMagic(`%${name}`);
  }
}

const isLog = (file: string): boolean => /\.strace(?:\.gz)?$/.test(file);

/** A log needs the magic that says so. */
const asCell = (file: string, text: string): string => (isLog(file) ? `%%strace\n${text}` : text);

const lacking = (name: string): CellError => plainError('MissingFile', `%${name} needs the name of a file: %${name} FILE`);

async function runFile(file: string, { deps, session, transcript, cell, reported }: MagicContext): Promise<CellError | undefined> {
  const text = await readUserFile(file);
  if (isLog(file)) {
    const { report, error } = await runLogCell(deps, session, text, cell);
    reported(report);
    return error;
  }
  const { result, error } = await runScenario({ deps, session }, text, cell);
  reported(cellReport(result));
  if (result.outcome !== 'rejected') transcript.add(text);
  return error;
}

async function help(topic: string, { deps, session, payload }: MagicContext): Promise<undefined> {
  if (topic === '') {
    payload.push({ source: 'page', start: 0, data: plain(magicList()).data });
    return undefined;
  }
  const page = await describeWord({ deps, session }, topic, topic.length, 1);
  payload.push({ source: 'page', start: 0, data: (page ?? plain(`nothing is known about ${topic}`)).data });
  return undefined;
}
