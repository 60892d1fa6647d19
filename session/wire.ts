/**
 * What the two sides of a session say to each other. Requests and their answers are Jupyter's, by
 * type and content, so that whatever the kernel can be asked can be asked here.
 */
export type Content = Readonly<Record<string, unknown>>;

/** The version of this protocol; both sides must have the same. */
export const SESSION_PROTOCOL = 1;

/** What a session tells of itself. */
export interface SessionInfo {
  readonly name: string;
  /** What it belongs to: `notebook`, `console`. */
  readonly kind: string;
  readonly pid: number;
  readonly cwd: string;
  /** ISO 8601. */
  readonly started: string;
  readonly version: string;
  /** Who has joined: `terminal`, `notebook 2`. */
  readonly guests: readonly string[];
  readonly busy: boolean;
}

/** Something that somebody else in the session did. */
export interface Notice {
  readonly from: string;
  readonly did: 'ran' | 'failed' | 'joined' | 'left';
  /** The cell, or why it failed. */
  readonly text: string;
}

export interface Hello {
  readonly protocol: number;
  /** Random, and the same when the connection is made anew. */
  readonly guest: string;
  readonly kind: string;
  readonly pid: number;
  /** The last frame that came from the session. */
  readonly received: number;
}

export interface Welcome {
  readonly session: SessionInfo;
  /** What the others see us as. */
  readonly label: string;
  readonly received: number;
}

export type FromGuest =
  | { readonly kind: 'request'; readonly id: number; readonly type: string; readonly content: Content }
  /** Ends a request: it is withdrawn if it waits and interrupted if it runs. */
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'leave' };

export type FromHost =
  | { readonly kind: 'begun'; readonly id: number }
  | { readonly kind: 'publish'; readonly id: number; readonly type: string; readonly content: Content }
  | { readonly kind: 'reply'; readonly id: number; readonly content: Content }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'ended' };

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

export function isHello(x: unknown): x is Hello {
  return isObject(x) && typeof x['guest'] === 'string' && typeof x['received'] === 'number' && typeof x['pid'] === 'number';
}

export function isFromGuest(x: unknown): x is FromGuest {
  if (!isObject(x)) return false;
  switch (x['kind']) {
    case 'request':
      return typeof x['id'] === 'number' && typeof x['type'] === 'string' && isObject(x['content']);
    case 'cancel':
      return typeof x['id'] === 'number';
    case 'leave':
      return true;
    default:
      return false;
  }
}
