import { expect, test } from 'vitest';
import { address, parseConnection } from '../../kernel/protocol/connection.js';

const file = { transport: 'tcp', ip: '127.0.0.1', key: 'k', signature_scheme: 'hmac-sha256', shell_port: 1, control_port: 2, stdin_port: 3, iopub_port: 4, hb_port: 5 };
const parse = (fields: object) => parseConnection(JSON.stringify({ ...file, ...fields }), 'c.json');

test('listens where the file says', () => {
  expect(address(parse({}), 'iopub')).toBe('tcp://127.0.0.1:4');
  expect(address(parse({ ip: '::1' }), 'hb')).toBe('tcp://[::1]:5');
  expect(address(parse({ transport: 'ipc', ip: '/run/k' }), 'shell')).toBe('ipc:///run/k-1');
});

test('names what is wrong with a file', () => {
  expect(() => parseConnection('{', 'c.json')).toThrow('c.json is not a Jupyter connection file: it is not JSON');
  expect(() => parse({ shell_port: 'x' })).toThrow('shell_port is missing');
  expect(() => parse({ transport: 'udp' })).toThrow('transport "udp"');
  expect(() => parse({ signature_scheme: 'none' })).toThrow('signature_scheme');
});
