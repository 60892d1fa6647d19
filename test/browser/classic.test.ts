/** The kernel in Debian's classic Notebook 6, used as people use it: run all, Tab, Shift-Tab, look at the chart. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installKernelspec } from '../../dist/kernel/index.js';
import { writeNotebook } from '../../notebook/write.js';
import { code, markdown, notebook } from '../notebook/kit.js';
import { Browser, CHROMIUM, coloursIn, hasChromium } from './kit.js';

const NOTEBOOK = process.env['JUPYTER_NOTEBOOK'] ?? '/usr/bin/jupyter-notebook';
/** `SHOTS=DIR` keeps the screenshots, to be looked at. */
const shots = process.env['SHOTS'];
const possible = hasChromium && existsSync(NOTEBOOK);

if (!possible) {
  const missing = hasChromium ? `${NOTEBOOK} (Debian: apt install jupyter-notebook)` : `Chromium at ${CHROMIUM}`;
  process.stderr.write(`The classic notebook is not tried: there is no ${missing}.\n`);
}

const DEMO = notebook(
  markdown('# A move'),
  code(
    'kernel 6.12\nlet old = 0x8100000, len = 2M\nmmap(old, len, rw, anon|private|fixed) = old\nmemset(old, 0xff, len)\nm = mremap(old, len, len, maymove|fixed, old - 32M)\nshow moves m',
  ),
  code('sweep n in 1..4 { yield n * 2 }'),
  code('6 * 7'),
  code(
    '%%ts\nlab.display({ mark: "bar", data: { values: lab.records.map((r, i) => ({ i, pte: r.moved.pte })) }, encoding: { x: { field: "i", type: "ordinal" }, y: { field: "pte", type: "quantitative" } } });\nlab.records.length',
  ),
  code('expect m == 0'),
);

describe.skipIf(!possible)('classic Notebook', () => {
  let dir: string;
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mremap-classic-'));
    await installKernelspec({ prefix: dir });
    mkdirSync(join(dir, 'work'));
    writeFileSync(join(dir, 'work', 'demo.ipynb'), writeNotebook(DEMO));
    const port = await freePort();
    server = spawn(
      NOTEBOOK,
      ['--no-browser', '--allow-root', '--ip=127.0.0.1', `--port=${port}`, '--NotebookApp.token=', '--NotebookApp.password=', `--notebook-dir=${join(dir, 'work')}`],
      {
        cwd: dir,
        env: {
          ...process.env,
          HOME: dir,
          JUPYTER_PATH: join(dir, 'share/jupyter'),
          JUPYTER_RUNTIME_DIR: join(dir, 'runtime'),
          JUPYTER_CONFIG_DIR: join(dir, 'config'),
          JUPYTER_DATA_DIR: join(dir, 'data'),
        },
        stdio: 'ignore',
      },
    );
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/api`);
    browser = new Browser();
    page = await browser.visit(`${url}/notebooks/demo.ipynb`);
    await page.waitForFunction("window.Jupyter?.notebook?.kernel?.is_connected() && !document.querySelector('.kernel_busy_icon')");
    await page.click('#celllink');
    await page.click('#run_all_cells');
    await page.waitForFunction('document.querySelectorAll(".output_error").length === 1 && !document.querySelector(".code_cell.running")');
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
  });

  afterAll(async () => {
    await browser.close();
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    // It asks whether to stop kernels, and waits; a second one it does not.
    const again = setTimeout(() => server.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(again);
    rmSync(dir, { recursive: true, force: true });
  });

  async function shoot(name: string): Promise<PNG> {
    const bytes = await page.screenshot();
    if (shots !== undefined) writeFileSync(join(shots, `classic-${name}.png`), bytes);
    return PNG.sync.read(bytes);
  }

  const outputs = (selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();

  it('runs all: charts are pictures, tables are tables, results are text', async () => {
    expect(await page.locator('.output_png img').count()).toBe(2);
    expect(await page.locator('.output_html table').count()).toBe(1);
    expect(await outputs('.output_result pre')).toEqual(['42', '3']);
    expect(await page.locator('.output_svg, .output_javascript').count()).toBe(0);
  });

  it('shows the chart, drawn', async () => {
    const image = page.locator('.output_png img').first();
    await image.scrollIntoViewIfNeeded();
    const picture = await shoot('chart');
    const box = await image.boundingBox();
    if (box === null) throw new Error('the chart is not visible');
    expect(box.width).toBeGreaterThan(300);
    expect(coloursIn(picture, box).size).toBeGreaterThan(20);
  });

  it('shows an error with its line, its caret and its values', async () => {
    const error = page.locator('.output_error');
    await error.scrollIntoViewIfNeeded();
    await shoot('error');
    const text = await error.innerText();
    expect(text).toContain('1 | expect m == 0');
    expect(text).toMatch(/\| +\^+/);
    expect(text).toContain('m = 0x6100000');
  });

  it('completes with Tab', async () => {
    await type('m2 = mremap(old, len, len, MREMAP_');
    await page.keyboard.press('Tab');
    await page.waitForSelector('#complete option');
    await shoot('completion');
    expect((await outputs('#complete option')).map((text) => text.trim())).toEqual(expect.arrayContaining(['MREMAP_MAYMOVE', 'MREMAP_FIXED', 'MREMAP_DONTUNMAP']));
    await page.keyboard.press('Escape');
  });

  it('completes the only candidate at once', async () => {
    await type('mrem');
    await page.keyboard.press('Tab');
    await page.waitForFunction('Jupyter.notebook.get_selected_cell().get_text() === "mremap"');
  });

  it('helps with Shift-Tab', async () => {
    await type('mremap');
    await page.keyboard.press('Shift+Tab');
    await page.waitForSelector('#tooltip', { state: 'visible' });
    await page.waitForFunction('document.querySelector("#tooltip .tooltiptext").innerText.includes("mremap(")');
    await page.locator('#tooltip').scrollIntoViewIfNeeded();
    await page.waitForFunction('getComputedStyle(document.querySelector("#tooltip")).opacity === "1"');
    await shoot('tooltip');
    expect(await page.locator('#tooltip .tooltiptext').innerText()).toContain('old_address');
    await page.keyboard.press('Escape');
  });

  it('interrupts a long cell, and goes on', async () => {
    await type('for i in 0..100000000 { let x = i }');
    await page.keyboard.press('Control+Enter');
    await page.waitForSelector('.code_cell.running');
    await page.evaluate('Jupyter.notebook.kernel.interrupt()');
    await page.waitForFunction('[...document.querySelectorAll(".output_error")].some((e) => e.innerText.includes("Interrupted"))');
    await type('6 * 8');
    await page.keyboard.press('Control+Enter');
    await page.waitForFunction('[...document.querySelectorAll(".output_result pre")].some((e) => e.innerText === "48")');
  });

  /** Into a new cell at the end, as a person types. */
  async function type(text: string): Promise<void> {
    await page.evaluate(
      'Jupyter.notebook.insert_cell_at_bottom("code"); Jupyter.notebook.select(Jupyter.notebook.ncells() - 1); Jupyter.notebook.edit_mode(); Jupyter.notebook.get_selected_cell().code_mirror.setOption("autoCloseBrackets", false)',
    );
    await page.keyboard.type(text);
  }
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  for (let n = 0; n < 300; n++) {
    const up = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nothing answers at ${url}`);
}
