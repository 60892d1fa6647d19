/** What is known about a word of the language, as a short page: calls, flags, errnos, behaviours, settings, views, keywords. */
import { ERRNO, hex, type FlagKind, type Param } from '../../machine/index.js';
import { CALLABLES, MEASURES, signature, type Callable } from '../vocabulary/calls.js';
import { CONSTANTS, FLAGS, isErrno, type FlagFamily } from '../vocabulary/constants.js';
import type { Known } from '../vocabulary/model.js';
import { SETTINGS } from '../vocabulary/settings.js';
import { isView, VIEWS } from '../vocabulary/views.js';
import { ERRNO_OF_MREMAP, FLAG_HELP } from './flag-help.js';

const KEYWORD_HELP: Readonly<Record<string, string>> = {
  kernel: 'kernel RELEASE [with NAME=VALUE + ...] [without NAME]\n\nStarts a fresh process on the model of that release.',
  machine: 'machine x86-64 | arm64 { granule SIZE levels N memory SIZE }\n\nStarts a fresh process on another machine.',
  let: 'let NAME = VALUE, ...\n\nBinds names; in a file once each.',
  expect: 'expect CONDITION\nexpect maps [a..b] { ... }\nexpect layout at ADDRESS [unit SIZE] { ... }\n\nClaims something; a failure shows the values, and the run goes on.',
  print: 'print VALUE, ...\n\nWrites a line.',
  show: `show VIEW [OF]\n\nViews: ${Object.keys(VIEWS).join(', ')}.`,
  set: `set NAME = VALUE\n\nSettings: ${Object.keys(SETTINGS).join(', ')}.`,
  if: 'if CONDITION { ... } else if CONDITION { ... } else { ... }',
  else: 'if CONDITION { ... } else { ... }',
  for: 'for NAME in a..b [step s] { ... }\nfor NAME in LIST { ... }',
  def: 'def NAME(PARAMETER, ...) { ... }\n\nIts value is what `return` says, or its last expression.',
  return: 'return [VALUE]\n\nEnds a function.',
  in: 'in child { ... }\n\nWhat the latest child does; `fork()` makes one.',
  sweep: 'sweep NAME in ..., ... { ... yield [NAME =] VALUE, ... }\n\nA table of what is yielded, for every combination of values, each on a fresh process.',
  yield: 'yield [NAME =] VALUE, ...\n\nA row of the table that a `sweep` makes.',
  plot: 'plot [TABLE] x=COLUMN y=COLUMN color=COLUMN mark=line|bar|heat title="..."\n\nDraws a table; without one the last.',
  compare: 'compare MODEL, MODEL, ... { ... }\n\nRuns the block on each model and shows where they part.',
  why: 'why [m]\nwhy merge a, b\n\nWhat decided each step of a move; or the first rule that keeps two mappings apart.',
  advise: 'advise [m]\n\nThe nearest addresses at which the same call is cheapest.',
  maps: 'maps { ... }\n\nMaps what lines of /proc/PID/maps say; ends with a line that holds only `}`.',
  layout: 'layout at ADDRESS [unit SIZE] { "AA.b" }\n\nMaps what a drawing says: a letter is a VMA, `.` a hole, upper case faulted.',
  race: 'race [NAME] { thread NAME { ... } thread NAME { ... } }\n\nExplores every interleaving of what the threads do; judge it with `expect always`, `expect never` or `expect sometimes`.',
  thread: 'thread [NAME] { CALL ... }\n\nWhat one CPU of a race does, call by call.',
  replay: 'replay [ID] [with state]\n\nShows a schedule again, as a table with a column for each CPU; without an id the latest.',
  always: 'expect always CONDITION\n\nTrue in every final state of the latest race.',
  never: 'expect never CONDITION\n\nTrue in no final state of the latest race.',
  sometimes: 'expect sometimes CONDITION\n\nTrue in at least one final state of the latest race.',
  fail: 'fail page_table_alloc | vma_alloc after N\n\nLets the allocation fail that comes after the next N.',
};

/** @param place what stands where the word does, if it takes flags: `fixed` means one thing in mmap and another in mremap */
export function helpFor(word: string, known: Known, place?: FlagKind): string | undefined {
  const callable = CALLABLES.get(word);
  if (callable !== undefined) return callHelp(callable);
  if (Object.hasOwn(KEYWORD_HELP, word)) return KEYWORD_HELP[word];
  if (place === undefined && MEASURES.has(word)) return `${word}: ${MEASURES.get(word) ?? ''}`;
  return flagHelp(word, place) ?? errnoHelp(word) ?? behaviourHelp(word, known) ?? releaseHelp(word, known) ?? otherHelp(word);
}

const ROLE: Readonly<Record<Callable['role'], string>> = {
  syscall: 'system call',
  access: 'load or store of user code',
  event: 'what else can happen to the process',
  query: 'question about the address space',
};

function callHelp(c: Callable): string {
  const lines = [signature(c), '', `${c.summary[0]?.toUpperCase() ?? ''}${c.summary.slice(1)} (${ROLE[c.role]}).`];
  const params = c.params.map(paramHelp).filter((line) => line !== undefined);
  if (params.length > 0) lines.push('', ...params);
  if (c.name === 'mremap') lines.push('', 'Errors:', ...Object.entries(ERRNO_OF_MREMAP).map(([name, text]) => `  ${name}  ${text}`));
  return lines.join('\n');
}

/** The names that a parameter for flags takes. */
function paramHelp(p: Param): string | undefined {
  const family = Object.hasOwn(FLAGS, p.kind) ? FLAGS[p.kind as keyof typeof FLAGS] : undefined;
  return family === undefined ? undefined : `  ${p.name}  ${[...family.constants.keys()].join(', ')}`;
}

function flagHelp(word: string, place: FlagKind | undefined): string | undefined {
  const families = place === undefined ? Object.values(FLAGS) : [FLAGS[place]];
  const long = CONSTANTS.has(word) ? word : families.map((f) => longForm(word, f)).find((name) => name !== undefined);
  const value = long === undefined ? undefined : CONSTANTS.get(long);
  if (long === undefined || value === undefined) return undefined;
  const text = FLAG_HELP[long];
  return `${long} = ${hex(value)}${text === undefined ? '' : `\n\n${text}`}`;
}

/** `fixed` of MREMAP_FIXED; `rw` and `anon` are none of one constant's. */
const longForm = (word: string, { constants, short }: FlagFamily): string | undefined =>
  [...constants.keys()].find((name) => short.get(word) === constants.get(name) && name.toLowerCase().endsWith(`_${word}`));

function errnoHelp(word: string): string | undefined {
  if (!isErrno(word)) return undefined;
  const [number, text] = ERRNO[word];
  const why = ERRNO_OF_MREMAP[word];
  return `${word} (${number}): ${text}${why === undefined ? '' : `\n\nOf mremap: ${why}.`}`;
}

function behaviourHelp(word: string, { behaviours }: Known): string | undefined {
  const b = behaviours.find((one) => one.name === word);
  if (b === undefined) return undefined;
  return `${b.name}: ${b.summary}\n\nValues: ${b.values.join(', ')}.${b.off === null ? '' : ` \`without ${b.name}\` is ${b.off}.`}`;
}

function releaseHelp(word: string, { releases, aliases = [] }: Known): string | undefined {
  const r = releases.find((one) => one.name === word);
  if (r !== undefined) return `${r.name}: ${r.recorded === null ? 'derived: no recording of it exists' : `recorded as ${r.recorded}`}`;
  const alias = aliases.find((one) => one.name === word);
  return alias && `${alias.name}: ${alias.sentence}`;
}

function otherHelp(word: string): string | undefined {
  if (isView(word)) return `show ${word}: ${VIEWS[word].summary}`;
  const setting = SETTINGS[word];
  return setting && `set ${word}: ${setting.summary}`;
}
