/** Every message of the command line itself; those of the language and of notebooks are their own. */
import { SetupError } from '../machine/errors.js';

const READABLE = 'what can be run are scenarios (.mremap), notebooks (.ipynb), and under any name logs of strace and dumps of /proc/PID/maps';

export const messages = {
  noSuchFile: (file: string) => new SetupError(`${file}: no such file`, 'check the path; a pattern that matched nothing is passed on as it is'),
  isDirectory: (file: string) => new SetupError(`${file}: is a directory`, `name the files in it: ${file.replace(/(?<!\/)\/+$/, '')}/*.mremap`),
  notReadable: (file: string, why: string) => new SetupError(`${file}: cannot be read (${why})`, 'check its permissions'),
  notText: (file: string) => new SetupError(`${file}: is not UTF-8 text`, READABLE),
  unknownKind: (file: string) => new SetupError(`${file}: unknown kind of file`, READABLE),
  notPacked: (file: string, why: string) => new SetupError(`${file}: cannot be unpacked: ${why}`, 'a name that ends in .gz promises a gzip file'),
  noParameters: () => new SetupError('-p gives values to the parameters of notebooks, and none was given', 'name an .ipynb file'),
  badParameter: (name: string, value: string, why: string) =>
    new SetupError(`-p ${name}=${value}: ${why}`, 'a value is written as in the language: 2M, maymove|fixed, or a text in quotes: -p \'name="text"\''),
  unknownParameter: (name: string) => `no parameter is called ${name}`,
  knownParameters: (names: readonly string[]) => (names.length === 0 ? 'the cell tagged "parameters" binds no name' : `the cell tagged "parameters" binds ${names.join(', ')}`),
  noParametersCell: () => 'the notebook has no cell tagged "parameters": values go before its first cell',
  tagParameters: () => 'tag the cell with the values that are taken otherwise',
  nothingTouched: () => new SetupError('--touched is about logs of strace, and none was given', 'name a .strace or .strace.gz file'),
  nothingToCost: () => new SetupError('--costs is about scenarios, and none was given', 'name an .mremap file'),
  nothingToRace: () => new SetupError('--preemptions, --states and --seed are about races in scenarios, and no scenario was given', 'name an .mremap file'),
  notARecording: (file: string, why: string) => new SetupError(`${file}: not a recording of a kernel: ${why}`, 'conform reads .jsonl or .jsonl.gz, one recorded scenario a line'),
  badTable: (file: string, why: string) =>
    new SetupError(`${file}: not a table of measured times: ${why}`, 'a JSON object with `cases`, or a CSV file whose first line names the columns; docs/costs.md has examples'),
  badCosts: (file: string, why: string) => new SetupError(`${file}: not a file of costs: ${why}`, '`mremap-lab calibrate TABLE --out FILE` writes one'),
  cannotWriteFile: (file: string, why: string) => new SetupError(`${file}: cannot be written (${why})`, 'check its permissions, and whether its directory exists'),
  notFormatted: (file: string) => new SetupError(`${file}: has no layout of ours`, 'fmt lays out .mremap files and the cells of .ipynb notebooks'),
  cannotRewrite: (file: string, why: string) => new SetupError(`${file}: cannot be written (${why})`, 'check its permissions, or see with --check what would change'),
  inFile: (file: string, error: SetupError) => new SetupError(`${file}: ${error.message}`, error.hint),
  sameName: (one: string, other: string, dir: string) =>
    new SetupError(`${one} and ${other} would write the same files in ${dir}`, 'run them one by one, each with an --out of its own'),
  indexTaken: (file: string) => new SetupError(`the page of ${file} would be overwritten by the one that leads to all pages, index.html`, 'rename the notebook, or run it alone'),
  cannotWrite: (dir: string, why: string) => new SetupError(`cannot write to ${dir}: ${why}`, 'it has to be a directory; it is made where there is none'),
  nothingToCompare: () => new SetupError('--check-outputs compares notebooks, and none was given', 'name an .ipynb file'),
  nothingToSlim: () => new SetupError('--slim is about the notebooks that --out writes, and there are none', 'name an .ipynb file, and a directory with --out'),
  noJupyter: () =>
    new SetupError(
      'found neither jupyter-lab nor jupyter-notebook on PATH',
      'get one with: pipx install jupyterlab   (or: uv tool install jupyterlab, apt install jupyter-notebook)\nwithout one, notebooks run headless: mremap-lab run NOTEBOOK.ipynb --out out',
    ),
  kept: (file: string) => `${file}: kept, there was a file of that name\n`,
  nextToTutorials: (dir: string) => `open them with: mremap-lab lab ${dir}   or run them without Jupyter: mremap-lab run ${dir}/*.ipynb --out out\n`,
  copying: (to: string) => `npx keeps its packages in a cache that npm may clear: copying this one to ${to}\n`,
  noSession: () => new SetupError('the process of the session ended before it began', 'run it with MREMAP_LAB_LOG=kernel to see what it does'),
  badSessionName: (name: string) =>
    new SetupError(`"${name}" cannot name a session`, 'a name has letters, digits, ".", "_" and "-", at most 28, and begins with a letter or a digit'),
  noSessions: () => 'no session is running\n',
  stopped: (seconds: number) => `stopped after ${seconds} s, in the middle of something that does not pause`,
  outOfMemory: (megabytes: number) => `stopped: it needs more than ${megabytes} MB of memory`,
  slow: (name: string) => `the session "${name}" is busy and does not answer yet; Ctrl-C gives up\n`,
  joined: ({ name, pid, cwd }: { name: string; pid: number; cwd: string }, others: readonly string[]) =>
    `joined the session "${name}" (process ${pid}, ${cwd}), together with ${others.join(', ')}\nTab completes, Ctrl-C interrupts, Ctrl-D leaves\n`,
  welcome: (version: string, name: string) =>
    `mremap-lab ${version}: mremap(2) on a model of the Linux kernel\nTab completes, Ctrl-C interrupts, Ctrl-D leaves, %lsmagic lists what else there is; others join with: mremap-lab attach ${name}\n`,
  bug: (error: Error) => `this is a bug in mremap-lab, please report it with the scenario that shows it\n${error.stack ?? error.message}`,
} as const;

/** One message, and under it what to do. */
export const setupErrorText = ({ message, hint }: SetupError): string => `mremap-lab: ${message}\n  ${hint.replace(/\n/g, '\n  ')}\n`;

/** What reading a log in the middle of it can come to. */
export function logError(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  return String(error.code).startsWith('Z_') ? messages.notPacked(file, error.message) : fileError(file, error);
}

/** The reasons of the file system in words. */
export function fileError(file: string, error: unknown): SetupError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return messages.noSuchFile(file);
    case 'EISDIR':
      return messages.isDirectory(file);
    default:
      return messages.notReadable(file, code ?? String(error));
  }
}
