/** Messages to frames and back: `ids... <IDS|MSG> signature header parent metadata content buffers...` */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Content, Header, Message } from './message.js';

export type Frames = readonly Uint8Array[];

export type Decoded =
  | { readonly ok: true; readonly ids: Frames; readonly message: Message }
  /** With a message, as far as it can be answered, where it is the sender's but too much. */
  | { readonly ok: false; readonly why: string; readonly ids?: Frames; readonly message?: Message };

const DELIMITER = Buffer.from('<IDS|MSG>');
const SIGNED = 4;

/** Bytes of each part. A cell with the largest log that anybody would paste is in the content. */
const LARGEST = { header: 64 << 10, parent: 64 << 10, metadata: 1 << 20, content: 32 << 20 } as const;
/** What walks over a message has a stack. */
const DEEPEST = 100;

export class Wire {
  constructor(
    private readonly key: string,
    private readonly digest: string,
  ) {}

  encode(ids: Frames, message: Message): Uint8Array[] {
    const parts = [message.header, message.parent, message.metadata, message.content].map((part) => Buffer.from(JSON.stringify(part)));
    return [...ids, DELIMITER, Buffer.from(this.sign(parts)), ...parts, ...message.buffers];
  }

  /** Never throws: frames come from outside. */
  decode(frames: Frames): Decoded {
    const at = frames.findIndex((frame) => DELIMITER.equals(frame));
    if (at < 0) return { ok: false, why: 'no delimiter' };
    const signature = frames[at + 1];
    const parts = frames.slice(at + 2, at + 2 + SIGNED);
    if (signature === undefined || parts.length < SIGNED) return { ok: false, why: 'too few frames' };
    if (!this.signedBy(signature, parts)) return { ok: false, why: 'wrong signature' };
    const excess = Object.entries(LARGEST).flatMap(([name, most], i) => excessOf(name, parts[i] ?? Buffer.of(), most));
    if (excess[0] !== undefined) {
      const header = trimmedHeader(parts[0] ?? Buffer.of());
      const message = header === undefined ? undefined : { header, parent: {}, metadata: {}, content: {}, buffers: [] };
      return { ok: false, why: excess[0], ids: frames.slice(0, at), message };
    }
    try {
      const [header, parent, metadata, content] = parts.map(parseObject);
      if (!isHeader(header) || parent === undefined || metadata === undefined || content === undefined) return { ok: false, why: 'no usable header' };
      const buffers = frames.slice(at + 2 + SIGNED);
      return { ok: true, ids: frames.slice(0, at), message: { header, parent: parent as unknown as Message['parent'], metadata, content, buffers } };
    } catch (e) {
      return { ok: false, why: e instanceof Error ? e.message : String(e) };
    }
  }

  private sign(parts: Frames): string {
    if (this.key === '') return '';
    const hmac = createHmac(this.digest, this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest('hex');
  }

  private signedBy(signature: Uint8Array, parts: Frames): boolean {
    const expected = Buffer.from(this.sign(parts));
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
}

function parseObject(frame: Uint8Array): Content {
  const value: unknown = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('a frame holds no JSON object');
  return value as Content;
}

const isHeader = (value: unknown): value is Header => {
  const { msg_id, msg_type } = (value ?? {}) as Partial<Header>;
  return typeof msg_id === 'string' && typeof msg_type === 'string';
};

function excessOf(name: string, part: Uint8Array, most: number): string[] {
  if (part.length > most) return [`its ${name} has ${part.length.toLocaleString('en-US')} bytes, and at most ${most.toLocaleString('en-US')} are taken`];
  return isDeep(part) ? [`its ${name} is nested more than ${DEEPEST} deep`] : [];
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, [0x5b, 0x7b], [0x5d, 0x7d]];

/** Brackets outside of strings, without reading anything else. */
function isDeep(json: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] as number;
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (OPEN.includes(byte) && ++depth > DEEPEST) return true;
    else if (CLOSE.includes(byte)) depth--;
  }
  return false;
}

/** What of a header an answer needs, of one that is too much otherwise. */
function trimmedHeader(part: Uint8Array): Header | undefined {
  try {
    const header = parseObject(part);
    if (!isHeader(header)) return undefined;
    const text = (name: keyof Header): string => (typeof header[name] === 'string' ? header[name].slice(0, 1000) : '');
    return { msg_id: text('msg_id'), msg_type: text('msg_type'), session: text('session'), username: text('username'), date: text('date'), version: text('version') };
  } catch {
    return undefined;
  }
}
