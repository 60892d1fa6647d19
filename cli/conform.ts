/** `mremap-lab conform`: recordings of real kernels, replayed on the model. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Conformance, jsonReport, parseScenario, textReport } from '../conform/index.js';
import { createMachines } from '../sim/index.js';
import { EXIT, type ExitCode } from './exit.js';
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

/** @throws SetupError when the file cannot be read or holds something else */
async function replayFile(conformance: Conformance, file: string): Promise<void> {
  let number = 0;
  try {
    for await (const line of createInterface({ input: lines(file), crlfDelay: Infinity })) {
      number += 1;
      if (line.trim() !== '') conformance.replay(parseScenario(line, number));
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw messages.notARecording(file, error.message);
    if (error instanceof Error && 'code' in error) throw String(error.code).startsWith('Z_') ? messages.notARecording(file, error.message) : fileError(file, error);
    throw error;
  }
  if (number === 0) throw messages.notARecording(file, 'the file is empty');
}

/** An error of the file reaches whoever reads the lines. */
function lines(file: string): Readable {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return bytes;
  const text = createGunzip();
  bytes.on('error', (error) => text.destroy(error));
  return bytes.pipe(text);
}
