/** The magics about sessions, as the head of a cell may have them. */
import type { CellContext } from '../cells/context.js';
import { plainError, type CellError } from '../cells/error.js';
import { readCell } from '../cells/source.js';

/** @param rest what follows the magic's name on its line */
export type Magic = (rest: string, cell: CellContext) => Promise<CellError | undefined>;

const SESSION_MAGICS = ['attach', 'detach', 'sessions'] as const;

export type SessionMagics = Readonly<Record<(typeof SESSION_MAGICS)[number], Magic>>;

const magicsOf = (code: string): string[] => readCell(code).magics.flatMap((magic) => (magic.kind === 'magic' ? [magic.name] : []));

/** Whether a cell begins with one of them. Such a cell runs in this kernel, even while other cells run in a session that it has joined. */
export const isSessionCell = (code: string): boolean => magicsOf(code).some((name) => (SESSION_MAGICS as readonly string[]).includes(name));

/** Whether a cell says where further cells are to run. */
export const movesCells = (code: string): boolean => magicsOf(code).some((name) => name === 'attach' || name === 'detach');

export const notForGuests = (): CellError =>
  plainError('NotHere', 'a guest cannot move the session it is in', '  help: leave with Ctrl-D, and join another with: mremap-lab attach NAME');
