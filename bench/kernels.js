/**
 * This kernel beside ipykernel and stock tslab, all in one run: from spawning the process to the reply to the first
 * kernel_info_request, and from sending a request to its reply and `idle`. Build first; needs python3-ipykernel.
 * With --check it fails where this kernel starts later than ipykernel, or its cell takes longer than ipykernel's `1+1`.
 */
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { Dealer, Subscriber } from 'zeromq';

const STARTS = Number(process.env.STARTS ?? 7);
const CELLS = Number(process.env.CELLS ?? 100);
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
const main = fileURLToPath(new URL('../dist/kernel/main.js', import.meta.url));
const tslab = join(dirname(createRequire(import.meta.url).resolve('tslab/package.json')), 'bin/tslab');

const KERNELS = {
  'mremap-lab': { argv: (file) => [process.execPath, main, file], cell: '1+1', complete: 'mrem' },
  ipykernel: { argv: (file) => [PYTHON, '-m', 'ipykernel_launcher', '-f', file], cell: '1+1', complete: 'prin' },
  tslab: { argv: (file) => [process.execPath, tslab, 'kernel', '--config-path', file], cell: '1+1', complete: 'Math.hyp' },
};

/** One kernel process and the two sockets that are measured. */
class Kernel {
  static async start(argv) {
    const directory = mkdtempSync(join(tmpdir(), 'kernel-bench-'));
    const key = randomUUID();
    const file = join(directory, 'c.json');
    const ports = await freePorts(['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port']);
    writeFileSync(file, JSON.stringify({ transport: 'tcp', ip: '127.0.0.1', key, signature_scheme: 'hmac-sha256', kernel_name: '', ...ports }));
    const kernel = new Kernel();
    Object.assign(kernel, {
      directory,
      key,
      waiting: new Map(),
      shell: new Dealer({ linger: 0, reconnectInterval: 1 }),
      iopub: new Subscriber({ linger: 0, reconnectInterval: 1 }),
    });
    const began = performance.now();
    const [program, ...args] = argv(file);
    kernel.process = spawn(program, args, { stdio: 'ignore', cwd: directory, env: { ...process.env, HOME: directory } });
    kernel.shell.connect(`tcp://127.0.0.1:${ports.shell_port}`);
    kernel.iopub.connect(`tcp://127.0.0.1:${ports.iopub_port}`);
    kernel.iopub.subscribe();
    for (const socket of [kernel.shell, kernel.iopub]) void kernel.listen(socket);
    await kernel.request('kernel_info_request', {}, { idle: false });
    kernel.startMs = performance.now() - began;
    // iopub is subscribed once an `idle` comes through.
    for (let seen = false; !seen;) {
      const heard = kernel.request('kernel_info_request', {}).then(() => true);
      seen = await Promise.race([heard, new Promise((resolve) => setTimeout(resolve, 200, false))]);
    }
    return kernel;
  }

  /** @returns milliseconds until the reply and `idle` have come */
  async request(type, content, { idle = true } = {}) {
    const header = { msg_id: randomUUID(), msg_type: type, session: 'bench', username: 'bench', date: new Date().toISOString(), version: '5.3' };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const done = new Promise((resolve) => this.waiting.set(header.msg_id, { reply: true, idle, resolve }));
    const began = performance.now();
    await this.shell.send(['<IDS|MSG>', createHmac('sha256', this.key).update(parts.join('')).digest('hex'), ...parts]);
    await done;
    return performance.now() - began;
  }

  execute(code) {
    return this.request('execute_request', { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true });
  }

  complete(code) {
    return this.request('complete_request', { code, cursor_pos: code.length });
  }

  async stop() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
    this.shell.close();
    this.iopub.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async listen(socket) {
    for await (const frames of socket) {
      const at = frames.findIndex((frame) => String(frame) === '<IDS|MSG>');
      const [header, parent, , content] = frames.slice(at + 2, at + 6).map((frame) => JSON.parse(String(frame)));
      const wanted = this.waiting.get(parent.msg_id);
      if (wanted === undefined) continue;
      if (header.msg_type.endsWith('_reply')) wanted.reply = false;
      if (content.execution_state === 'idle') wanted.idle = false;
      if (wanted.reply || wanted.idle) continue;
      this.waiting.delete(parent.msg_id);
      wanted.resolve();
    }
  }
}

async function freePorts(names) {
  const servers = await Promise.all(
    names.map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = Object.fromEntries(names.map((name, i) => [name, servers[i].address().port]));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const quantile = (times, q) => [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(q * times.length))];

/** Interleaved, so that what else the machine does falls on all alike. */
async function starts() {
  const times = Object.fromEntries(Object.keys(KERNELS).map((name) => [name, []]));
  for (let n = 0; n < STARTS; n++) {
    for (const [name, { argv }] of Object.entries(KERNELS)) {
      const kernel = await Kernel.start(argv);
      times[name].push(kernel.startMs);
      await kernel.stop();
    }
  }
  return times;
}

async function latencies() {
  const rows = {};
  const kernels = {};
  for (const [name, { argv }] of Object.entries(KERNELS)) kernels[name] = await Kernel.start(argv);
  const jobs = [
    ['a cell, 1+1', (k, name) => k.execute(KERNELS[name].cell), Object.keys(KERNELS)],
    ['a cell with a mremap', (k) => k.execute('a = mmap(NULL, 2M, rw, anon|private)\nmremap(a, 2M, 4M, maymove)'), ['mremap-lab']],
    ['a %%ts cell, 1+1', (k, name) => k.execute(name === 'mremap-lab' ? '%%ts\n1+1' : '1+1'), ['mremap-lab', 'tslab']],
    ['completion', (k, name) => k.complete(KERNELS[name].complete), Object.keys(KERNELS)],
    ['completion in a %%ts cell', (k, name) => k.complete(name === 'mremap-lab' ? '%%ts\nMath.hyp' : 'Math.hyp'), ['mremap-lab', 'tslab']],
  ];
  for (const [what, job, names] of jobs) {
    rows[what] = Object.fromEntries(names.map((name) => [name, []]));
    for (const name of names) for (let n = 0; n < 5; n++) await job(kernels[name], name);
    for (let n = 0; n < CELLS; n++) for (const name of names) rows[what][name].push(await job(kernels[name], name));
  }
  for (const kernel of Object.values(kernels)) await kernel.stop();
  return rows;
}

const rows = { 'start to kernel_info_reply': await starts(), ...(await latencies()) };
console.log(`median and 95th percentile in ms; then ipykernel's, or else tslab's, median as a multiple of this kernel's\n`);
for (const [what, times] of Object.entries(rows)) {
  const parts = Object.entries(times).map(([name, t]) => `${name} ${quantile(t, 0.5).toFixed(1)} / ${quantile(t, 0.95).toFixed(1)}`);
  const [own, other] = [times['mremap-lab'], times.ipykernel ?? times.tslab];
  const ratio = other === undefined ? '' : `   x${(quantile(other, 0.5) / quantile(own, 0.5)).toFixed(1)}`;
  console.log(`${what.padEnd(28)} ${parts.join('   ')}${ratio}`);
}
const slower = ['start to kernel_info_reply', 'a cell, 1+1'].filter((what) => quantile(rows[what]['mremap-lab'], 0.5) > quantile(rows[what].ipykernel, 0.5));
if (process.argv.includes('--check') && slower.length > 0) {
  console.error(`slower than ipykernel: ${slower.join(', ')}`);
  process.exitCode = 1;
}
process.exit();
