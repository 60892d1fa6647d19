/** `mremap-lab lab`: JupyterLab or Notebook, with our kernel in reach whether or not it is installed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryDirectory } from '../files/temporary.js';
import { installKernelspec } from '../kernel/kernelspec.js';
import { EXIT, type ExitCode } from './exit.js';
import { messages, setupErrorText } from './messages.js';
import { err } from './terminal.js';

const FRONT_ENDS = ['jupyter-lab', 'jupyter-notebook'] as const;

export async function lab(args: readonly string[]): Promise<ExitCode> {
  const program = FRONT_ENDS.map(onPath).find((path) => path !== undefined);
  if (program === undefined) {
    err(setupErrorText(messages.noJupyter()));
    return EXIT.failed;
  }
  const prefix = temporaryDirectory();
  try {
    await installKernelspec({ prefix, passing: true });
    return await runFrontEnd(program, args, join(prefix, 'share', 'jupyter'));
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
}

async function runFrontEnd(program: string, args: readonly string[], data: string): Promise<ExitCode> {
  const { JUPYTER_PATH } = process.env;
  const env = { ...process.env, JUPYTER_PATH: JUPYTER_PATH === undefined ? data : `${data}${delimiter}${JUPYTER_PATH}` };
  const child = spawn(program, args, { env, stdio: 'inherit' });
  // The terminal sends Ctrl-C to Jupyter too, which asks before it ends: we end when it does.
  const stay = (): void => undefined;
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', stay).on('SIGTERM', pass).on('SIGHUP', pass);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return status === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    process.off('SIGINT', stay).off('SIGTERM', pass).off('SIGHUP', pass);
  }
}

function onPath(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
