#!/usr/bin/env node
/** The command line: calls a command and turns whatever it throws into one message and an exit status. */
import { CommanderError } from 'commander';
import { SetupError } from '../machine/errors.js';
import { codeOf, reason } from '../files/reason.js';
import { EXIT } from './exit.js';
import { messages, setupErrorText } from './messages.js';
import { createProgram } from './program.js';

/** What a shell reports of a program that wrote to a closed pipe. */
const SIGPIPE_STATUS = 141;

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(SIGPIPE_STATUS);
    // There may be nowhere to say it.
    if (stream === process.stdout) process.stderr.write(`mremap-lab: cannot write to the standard output: ${reason(error)}\n`);
    process.exit(EXIT.failed);
  });
}

const program = createProgram((code) => {
  process.exitCode = code;
});
for (const command of [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = statusOf(error);
}

function statusOf(error: unknown): number {
  // Commander has said what there is to say; of help and version, asked for, it says exit status 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.unusable;
  if (error instanceof SetupError) {
    process.stderr.write(setupErrorText(error));
    return EXIT.unusable;
  }
  // The machine's failure, wherever it met us.
  if (codeOf(error) !== undefined) {
    const { path } = error as NodeJS.ErrnoException;
    process.stderr.write(`mremap-lab: ${path === undefined ? '' : `${path}: `}${reason(error)}\n`);
    return EXIT.unusable;
  }
  process.stderr.write(`mremap-lab: ${messages.bug(error instanceof Error ? error : new Error(String(error)))}\n`);
  return EXIT.failed;
}
