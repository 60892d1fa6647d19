/** The connection file: where to listen, and the key that signs every message. */
import { readFile } from 'node:fs/promises';
import { SetupError } from '../../machine/index.js';

export type Port = 'shell' | 'control' | 'stdin' | 'iopub' | 'hb';

export interface Connection {
  readonly transport: 'tcp' | 'ipc';
  readonly ip: string;
  readonly ports: Readonly<Record<Port, number>>;
  /** Empty: messages are not signed. */
  readonly key: string;
  /** The hash of the HMAC: `sha256`. */
  readonly digest: string;
}

export const PORTS: readonly Port[] = ['shell', 'control', 'stdin', 'iopub', 'hb'];

export async function readConnection(file: string): Promise<Connection> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (e) {
    throw new SetupError(
      `cannot read the connection file ${file}: ${e instanceof Error ? e.message : String(e)}`,
      'Jupyter writes this file and passes its name; to run a kernel by hand use `jupyter console --kernel mremap`',
    );
  }
  return parseConnection(text, file);
}

export function parseConnection(text: string, file: string): Connection {
  const wrong = (what: string) => new SetupError(`${file} is not a Jupyter connection file: ${what}`, 'pass the file that Jupyter wrote');
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw wrong('it is not JSON');
  }
  if (typeof raw !== 'object' || raw === null) throw wrong('it holds no object');
  const fields = raw as Record<string, unknown>;
  const ports = {} as Record<Port, number>;
  for (const port of PORTS) {
    const value = fields[`${port}_port`];
    if (typeof value !== 'number') throw wrong(`${port}_port is missing`);
    ports[port] = value;
  }
  const { transport = 'tcp', ip, key = '', signature_scheme: scheme = 'hmac-sha256' } = fields;
  if (transport !== 'tcp' && transport !== 'ipc') throw wrong(`transport ${JSON.stringify(transport)} is neither tcp nor ipc`);
  if (typeof ip !== 'string') throw wrong('ip is missing');
  if (typeof key !== 'string') throw wrong('key is not a string');
  if (typeof scheme !== 'string' || !scheme.startsWith('hmac-')) throw wrong(`signature_scheme ${JSON.stringify(scheme)} is not known`);
  return { transport, ip, ports, key, digest: scheme.slice('hmac-'.length) };
}

export function address(connection: Connection, port: Port): string {
  const { transport, ip, ports } = connection;
  return transport === 'ipc' ? `ipc://${ip}-${ports[port]}` : `tcp://${ip.includes(':') ? `[${ip}]` : ip}:${ports[port]}`;
}
