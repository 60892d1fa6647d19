import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newHeader } from '../../kernel/protocol/message.js';
import { Wire } from '../../kernel/protocol/wire.js';

const wire = new Wire('key', 'sha256');
const message = { header: newHeader('status', 's'), parent: {}, metadata: {}, content: { execution_state: 'idle' }, buffers: [Buffer.from([1, 2])] };

describe('wire', () => {
  test('reads what it writes, identities and buffers included', () => {
    const decoded = wire.decode(wire.encode([Buffer.from('a'), Buffer.from('b')], message));
    expect(decoded).toMatchObject({ ok: true, message: { header: message.header, content: message.content } });
    if (decoded.ok) {
      expect(decoded.ids.map(String)).toEqual(['a', 'b']);
      expect(decoded.message.buffers).toEqual(message.buffers);
    }
  });

  test('refuses another key and a changed content', () => {
    expect(new Wire('other', 'sha256').decode(wire.encode([], message))).toEqual({ ok: false, why: 'wrong signature' });
    const frames = wire.encode([], message);
    frames[5] = Buffer.from('{"execution_state":"busy"}');
    expect(wire.decode(frames)).toEqual({ ok: false, why: 'wrong signature' });
  });

  test('does not sign without a key', () => {
    const open = new Wire('', 'sha256');
    const frames = open.encode([], message);
    expect(String(frames[1])).toBe('');
    expect(open.decode(frames).ok).toBe(true);
  });

  test('refuses well-signed frames that are no message', () => {
    const open = new Wire('', 'sha256');
    const parts = (...texts: string[]): Buffer[] => ['<IDS|MSG>', '', ...texts].map((text) => Buffer.from(text));
    for (const frames of [
      parts(),
      parts('{}', '{}', '{}'),
      parts('{}', '{}', '{}', '{}'),
      parts('[]', '{}', '{}', '{}'),
      parts('null', '1', '2', '3'),
      parts('{', '{}', '{}', '{}'),
    ]) {
      expect(open.decode(frames).ok).toBe(false);
    }
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.uint8Array(), fc.constant(Buffer.from('<IDS|MSG>')))), (frames) => wire.decode(frames).ok === false));
  });
});
