/** The commands and what they take. What they do is loaded when one is called, so that help comes at once. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { machineNamed } from '../dsl/logs/machine-name.js';
import type { MachineSpec, RaceLimits } from '../machine/index.js';
import type { Parameter } from '../notebook/parameters.js';
import type { ExitCode } from './exit.js';
import { FORMATS } from './report/formats.js';
import { version } from './version.js';

const STATUS = `
Exit status: 0 every claim and expectation holds, 1 one failed or a script went wrong while running,
2 a file could not be read, parsed or checked, or bad usage, 3 nothing failed, but a race was too large to be decided.`;

const CONSOLE_KEYS = `
Keys: Tab completes, Ctrl-C interrupts the cell that runs or gives up the one being written, Ctrl-D leaves.
A cell is sent when it is whole; one that begins with %% ends with an empty line. %lsmagic lists the magics.

Exit status: 0, or from a pipe 1 if a cell failed; 1 also if the session ended, 2 there is no such session, or bad usage.`;

/** @param done takes the exit status of the command that was called */
export function createProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('mremap-lab')
    .description("An executable notebook for Linux's mremap(2): scenarios run on a model of the kernel.")
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .showHelpAfterError('  --help tells more')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'mremap-lab: ')) })
    .addHelpText('after', STATUS);

  program
    .command('run')
    .summary('run scenarios, logs of strace and notebooks')
    .description('Runs .mremap files, logs of strace and .ipynb notebooks; a notebook in a Jupyter kernel of its own, without Jupyter.')
    .argument('<file...>', '.mremap or .ipynb, logs and dumps of maps under any name; - is standard input')
    .option('--kernel <model>', 'the model to run on, whatever the file says: 6.12, "6.12 without realign"')
    .addOption(new Option('--format <format>', 'how to report').choices(FORMATS).default('text'))
    .option('--out <dir>', 'write charts as SVG, and for a notebook the executed .ipynb and an HTML page')
    .option('--slim', 'write notebooks with small pictures in place of charts: for a repository')
    .option('--check-outputs', "fail where a notebook's outputs are not the stored ones")
    .option('-p, --parameter <name=value>', 'of a notebook: a value for its cell tagged "parameters"; may be repeated', parameter, [])
    .addOption(new Option('--touched <pages>', 'of a log: replay it with no page touched, or with all; both by default, as bounds').choices(['none', 'all'] as const))
    .addOption(new Option('--machine <name>', 'of a log: the machine it is of, arm64, "arm64 39", x86-32, "x86-64 57"; guessed from the log by default').argParser(machine))
    .option('--strict', 'of a log: fail on every doubt, too: what the model would have answered otherwise, what it does not have')
    .option('--costs <file>', 'of scenarios: what the steps of a move take, as mremap-lab calibrate found out')
    .option('--preemptions <n>', 'of races: only schedules with at most so many switches away from a CPU that could have gone on', count)
    .option('--states <n>', 'of races: explore so many states at most; default 250000', count)
    .option('--seed <n>', 'of races too large to be explored: where the schedules drawn by chance begin', count)
    .option('--timeout <seconds>', 'give up on a script, or on a cell of a notebook, that takes longer', seconds, 600)
    .addHelpText(
      'after',
      `${STATUS}\n\nExamples:\n  mremap-lab run tour.mremap --kernel "6.12 without realign"\n  mremap-lab run notebooks/*.ipynb --out out
  mremap-lab run sweep.ipynb -p len=4M -p steps=16 --out out
  mremap-lab run build.strace.gz --format json`,
    )
    .action(async (files, options) => done(await (await import('./run.js')).run(files, { ...options, ...racesOf(options), parameters: options.parameter })));

  program
    .command('check')
    .summary('find mistakes without running anything')
    .description('Parses and checks .mremap files, logs of strace and .ipynb notebooks, and prints what is wrong: file:line:col: error[code]: message')
    .argument('<file...>', '.mremap or .ipynb, logs and dumps of maps under any name; - is standard input')
    .addHelpText('after', '\nExit status: 0 no mistakes (warnings are none), 2 otherwise.')
    .action(async (files) => done(await (await import('./check.js')).check(files)));

  program
    .command('conform')
    .summary('compare the model with recordings of real kernels')
    .description('Replays recorded runs of a real kernel on the model and reports every disagreement.')
    .argument('<vectors...>', 'recordings: .jsonl or .jsonl.gz')
    .requiredOption('--kernel <model>', 'the model to compare: 6.12, "6.12 without realign"')
    .option('--machine <machine>', 'what the kernel ran on: arm64, "arm64 { granule 16K memory 3G }"; default: x86-64')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExit status: 0 all agree, 1 not, 2 a file could not be read, or bad usage.')
    .action(async (files, options) => done(await (await import('./conform.js')).conform(files, options)));

  program
    .command('calibrate')
    .summary('fit the modelled times to measured ones')
    .description('Reads a table of moves and the times they took on a machine, .json or .csv, and fits the parameters of the cost model to them.')
    .argument('<table>', 'measured times: docs/costs.md says how')
    .option('--out <file>', 'write the parameters, for run --costs')
    .option('--json', 'print the parameters as JSON')
    .addHelpText('after', '\nExit status: 0 done, 2 the table could not be read, or bad usage.')
    .action(async (table, options) => done(await (await import('./calibrate.js')).calibrateFile(table, options)));

  program
    .command('fmt')
    .summary('bring files into the one canonical layout')
    .description('Brings .mremap files, and the cells of .ipynb notebooks, into the one canonical layout, and names those it changed.')
    .argument('<file...>', '.mremap or .ipynb')
    .option('--check', 'change nothing, fail where something would change')
    .addHelpText('after', '\nExit status: 0 done, 1 with --check where something would change, 2 a file could not be read or parsed, or bad usage.')
    .action(async (files, options) => done(await (await import('./fmt.js')).fmt(files, options)));

  program
    .command('console')
    .summary('a session on the terminal')
    .description(
      'Reads cells from the terminal, or from a pipe, and runs them in a session of its own, which others can join: a notebook by %attach, a terminal by mremap-lab attach.',
    )
    .option('--name <name>', 'what the session is called (default: "console", with a number where that is taken)')
    .option('--kernel <model>', 'the model to run on, whatever cells say: 6.12, "6.12 without realign"')
    .addHelpText('after', CONSOLE_KEYS)
    .action(async (options) => done(await (await import('./console.js')).runConsole(options)));

  program
    .command('attach')
    .summary('join a session that runs')
    .description('Joins a running session, of a notebook or of a console, and drives the same machine from the terminal: one cell at a time, and each sees what the others ran.')
    .argument('[session]', 'its name; may be left out where only one runs')
    .option('--list', 'list the sessions that run')
    .addHelpText('after', CONSOLE_KEYS)
    .action(async (name, options) => done(await (await import('./attach.js')).attach(name, options)));

  const kernel = program.command('kernel').summary('the Jupyter kernel').description('The Jupyter kernel.');
  const places = (command: Command): Command =>
    command
      .option('--user', 'for this user (the default)')
      .option('--prefix <dir>', 'under an installation prefix, such as /usr/local or a virtual environment')
      .option('--sys-prefix', 'under the prefix of the active environment of Python')
      .option('--name <name>', 'what Jupyter calls the kernel', 'mremap');
  places(kernel.command('install'))
    .summary('let Jupyter find the kernel')
    .description('Writes the Jupyter kernelspec "mremap". Needs no Python. Run by npx, it copies the package beside the kernelspec, for the cache of npx does not last.')
    .addHelpText('after', '\nExit status: 0 installed, 1 not.')
    .action(async (options) => done(await (await import('./kernel-install.js')).kernelInstall(options)));
  places(kernel.command('uninstall'))
    .summary('take that back')
    .description('Removes the Jupyter kernelspec "mremap" that install wrote, with what belongs to it.')
    .addHelpText('after', '\nExit status: 0 removed, 1 not.')
    .action(async (options) => done(await (await import('./kernel-uninstall.js')).kernelUninstall(options)));

  program
    .command('lab')
    .summary('open JupyterLab or Notebook')
    .description('Opens JupyterLab or Jupyter Notebook, whichever there is, with the kernel in reach; says how to get one where there is none.')
    .argument('[arguments...]', 'passed on: a notebook, a directory, options behind --')
    .action(async (args) => done(await (await import('./lab.js')).lab(args)));

  program
    .command('tutorials')
    .summary('copy the tutorials to a directory')
    .description('Copies the tutorials, as notebooks that were not run yet, to a directory where they can be opened and changed. Files that are there already are kept.')
    .argument('[dir]', 'where to', 'mremap-lab-tutorials')
    .addHelpText('after', '\nExit status: 0 done, 2 the directory could not be written.')
    .action(async (dir) => done(await (await import('./tutorials.js')).tutorials(dir)));

  return program;
}

function seconds(text: string): number {
  const n = Number(text);
  // A longer timer than this one fires at once.
  if (!(n > 0) || n > 2_147_483) throw new InvalidArgumentError('It must be a number of seconds, more than 0.');
  return n;
}

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Limits that were given, if any was. */
function racesOf({ preemptions, states, seed }: { readonly preemptions?: number; readonly states?: number; readonly seed?: number }): { readonly races?: Partial<RaceLimits> } {
  const races = { ...(preemptions !== undefined && { preemptions }), ...(states !== undefined && { states }), ...(seed !== undefined && { seed }) };
  return Object.keys(races).length === 0 ? {} : { races };
}

function machine(text: string): MachineSpec {
  const named = machineNamed(text);
  if (named === undefined)
    throw new InvalidArgumentError('It must be x86-64, x86-32 or arm64, with the bits of an address behind it where they are not the usual ones: "arm64 39".');
  return named;
}

function parameter(text: string, before: readonly Parameter[]): readonly Parameter[] {
  const [, name = '', value = ''] = /^\s*([A-Za-z_]\w*)\s*=(.*)$/s.exec(text) ?? [];
  if (name === '' || value.trim() === '' || /[\r\n]/.test(value)) throw new InvalidArgumentError('It must be name=value, on one line.');
  return [...before, { name, value: value.trim() }];
}
