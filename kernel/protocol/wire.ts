/** Messages to frames and back: `ids... <IDS|MSG> signature header parent metadata content buffers...` */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Content, Header, Message } from './message.js';

export type Frames = readonly Uint8Array[];

export type Decoded = { readonly ok: true; readonly ids: Frames; readonly message: Message } | { readonly ok: false; readonly why: string };

const DELIMITER = Buffer.from('<IDS|MSG>');
const SIGNED = 4;

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
