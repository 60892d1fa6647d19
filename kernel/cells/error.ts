/** Why a cell failed, in the three fields that every front end shows. */
export interface CellError {
  readonly ename: string;
  /** One line. */
  readonly evalue: string;
  readonly traceback: readonly string[];
}

const RED = '\u001b[1;31m';
const YELLOW = '\u001b[1;33m';
const BLUE = '\u001b[34m';
const GREEN = '\u001b[32m';
const RESET = '\u001b[0m';

export const red = (text: string): string => `${RED}${text}${RESET}`;
export const yellow = (text: string): string => `${YELLOW}${text}${RESET}`;
export const blue = (text: string): string => `${BLUE}${text}${RESET}`;
export const green = (text: string): string => `${GREEN}${text}${RESET}`;

export const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** An error that has no place in the source. */
export function plainError(ename: string, evalue: string, ...more: readonly string[]): CellError {
  return { ename, evalue: firstLine(evalue), traceback: [`${red(ename)}: ${evalue}`, ...more] };
}

export const interrupted = (): CellError => plainError('Interrupted', 'the cell was interrupted');
