/** The magics about sessions, as the head of a cell may have them. */
import type { CellError } from '../cells/error.js';
import type { CellContext } from '../cells/context.js';
import { readCell } from '../cells/source.js';

/** @param rest what follows the magic's name on its line */
export type Magic = (rest: string, cell: CellContext) => Promise<CellError | undefined>;

export const SESSION_MAGICS = ['attach', 'detach', 'sessions'] as const;

export type SessionMagics = Readonly<Record<(typeof SESSION_MAGICS)[number], Magic>>;

/** Whether a cell begins with one of them: those are for the kernel one sits at, not for the one it has joined. */
export const isSessionCell = (code: string): boolean =>
  readCell(code).magics.some((magic) => magic.kind === 'magic' && (SESSION_MAGICS as readonly string[]).includes(magic.name));
