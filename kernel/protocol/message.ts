/** A Jupyter message (messaging protocol 5.4), without its envelope. */
import { randomUUID } from 'node:crypto';

export const PROTOCOL_VERSION = '5.4';

export type Content = Readonly<Record<string, unknown>>;

export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

export interface Message {
  readonly header: Header;
  /** The header of the request that caused this message; empty for those that nobody asked for. */
  readonly parent: Header | Record<string, never>;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

export function newHeader(type: string, session: string): Header {
  return { msg_id: randomUUID(), msg_type: type, session, username: 'mremap', date: new Date().toISOString(), version: PROTOCOL_VERSION };
}
