/** Every message of this room that a user can see. */
import { SetupError } from '../machine/index.js';

export const messages = {
  notJson: (why: string) => new SetupError(`not a notebook: ${why}`, 'a notebook is a JSON file; restore it from a copy, or save it again from Jupyter'),
  notANotebook: (why: string) => new SetupError(`not a notebook: ${why}`, 'save it again from Jupyter'),
  oldFormat: (version: string) => new SetupError(`notebook format ${version} is not supported, only 4.x`, 'convert it with: jupyter nbconvert --to notebook --nbformat 4'),
  otherKernel: (name: string) => new SetupError(`the notebook is written for the kernel "${name}", not "mremap"`, 'choose the kernel "mremap" in Jupyter and save the notebook'),
  kernelMissing: (path: string) => new SetupError(`the Jupyter kernel is missing: ${path}`, 'build it with: npm run build'),
  kernelSilent: (seconds: number, stderr: string) =>
    new SetupError(`the Jupyter kernel did not answer within ${seconds} s${said(stderr)}`, 'run it with MREMAP_LAB_LOG=kernel to see what it does'),
  kernelEndedEarly: (how: string, stderr: string) => new SetupError(`the Jupyter kernel ended before it answered (${how})${said(stderr)}`, 'reinstall with: npm ci'),
  kernelDied: (how: string, stderr: string) => `the kernel ended while the cell ran (${how})${said(stderr)}`,
  cellTimedOut: (seconds: number) => `the cell did not finish within ${seconds} s`,
  notRaised: () => 'the cell is tagged raises-exception, and nothing was raised',
  cellAborted: () => 'the kernel skipped the cell',
  noAsset: (path: string) => new SetupError(`a part of the page is missing: ${path}`, 'build it with: npm run build'),
} as const;

function said(stderr: string): string {
  const text = stderr.trim();
  return text === '' ? '' : `; it said:\n${text}`;
}
