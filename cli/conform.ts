/** `mremap-lab conform`: recordings of real kernels, replayed on the model. */
import { Conformance, jsonReport, parseScenario, textReport } from '../conform/index.js';
import { createMachines } from '../sim/index.js';
import { EXIT, type ExitCode } from './exit.js';
import { eachLine } from './lines.js';
import { fileError, messages } from './messages.js';
import { readMachineOption, readModelOption } from './model.js';
import { out } from './terminal.js';

export interface ConformOptions {
  readonly kernel: string;
  readonly machine?: string;
  readonly json?: boolean;
}

export async function conform(files: readonly string[], options: ConformOptions): Promise<ExitCode> {
  const spec = readModelOption(options.kernel);
  const machines = createMachines();
  const machine = options.machine === undefined ? undefined : readMachineOption(options.machine);
  const conformance = new Conformance(machines, spec, machine);
  for (const file of files) await replayFile(conformance, file);
  if (options.json === true) out(`${JSON.stringify(jsonReport(conformance))}\n`);
  else out(`${textReport(conformance, conformance.title)}\n`);
  return conformance.agree === conformance.ops ? EXIT.ok : EXIT.failed;
}

/** Characters of a scenario; those that were recorded have a thousandth of it. */
const LONGEST = 32 << 20;

/** @throws SetupError when the file cannot be read or holds something else */
async function replayFile(conformance: Conformance, file: string): Promise<void> {
  let number = 0;
  try {
    const line = (text: string): void => {
      number += 1;
      if (text.length > LONGEST) throw new SyntaxError(`line ${number}: it is longer than ${LONGEST} characters`);
      if (text.trim() === '') return;
      const scenario = parseScenario(text, number);
      try {
        conformance.replay(scenario);
      } catch (error) {
        throw error instanceof SyntaxError ? new SyntaxError(`line ${number}: ${error.message}`, { cause: error }) : error;
      }
    };
    await eachLine({ file, packed: file.endsWith('.gz') }, line, { longest: LONGEST + 1 });
  } catch (error) {
    if (error instanceof SyntaxError) throw messages.notARecording(file, error.message);
    if (error instanceof Error && 'code' in error) throw String(error.code).startsWith('Z_') ? messages.notARecording(file, error.message) : fileError(file, error);
    throw error;
  }
  if (number === 0) throw messages.notARecording(file, 'the file is empty');
}
