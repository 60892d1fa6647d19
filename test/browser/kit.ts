/** A real browser, offline: what a reader of a page sees, as pixels. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser as Chromium, type BrowserContext, type Page } from 'playwright-core';
import { PNG } from 'pngjs';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);

export interface OpenOptions {
  readonly dark?: boolean;
  readonly scripts?: boolean;
  readonly width?: number;
}

export class Browser {
  private process: Promise<Chromium> | undefined;

  /** The page with its charts drawn, and what the console had to complain about. */
  async open(file: string, { dark = false, scripts = true, width = 1280 }: OpenOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await this.context({ dark, scripts, width, offline: true });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    // As text: the types of this project know no browser.
    if (scripts) await page.waitForFunction("document.querySelectorAll('figure.chart').length === document.querySelectorAll('.live svg').length");
    return { page, complaints };
  }

  /** A page of a server on this machine. */
  async visit(url: string): Promise<Page> {
    const context = await this.context({ dark: false, scripts: true, width: 1280, offline: false });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  private async context({ dark, scripts, width, offline }: Required<OpenOptions> & { readonly offline: boolean }): Promise<BrowserContext> {
    // One process serves every page of a test file; a context of its own keeps each from the others.
    this.process ??= chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    const browser = await this.process;
    return browser.newContext({ viewport: { width, height: 900 }, colorScheme: dark ? 'dark' : 'light', javaScriptEnabled: scripts, offline });
  }

  /** Closes the pages; another can be opened after that. */
  async clear(): Promise<void> {
    const browser = await this.process;
    for (const context of browser?.contexts() ?? []) await context.close();
  }

  async close(): Promise<void> {
    await (await this.process)?.close();
  }
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How often each colour (`#0072b2`) occurs in a part of a picture. */
export function coloursIn(picture: PNG, box: Box): Map<string, number> {
  const counts = new Map<string, number>();
  const [left, top] = [Math.ceil(box.x), Math.ceil(box.y)];
  for (let y = top; y < Math.min(picture.height, Math.floor(box.y + box.height)); y++) {
    for (let x = left; x < Math.min(picture.width, Math.floor(box.x + box.width)); x++) {
      const at = (y * picture.width + x) * 4;
      const colour = `#${picture.data.subarray(at, at + 3).toString('hex')}`;
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
  }
  return counts;
}

/** `SHOTS=DIR` keeps the screenshots, to be looked at. */
const shots = process.env['SHOTS'];

/** The page from its top to its end. */
export async function shoot(page: Page, name: string): Promise<PNG> {
  const bytes = await page.screenshot({ fullPage: true });
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    writeFileSync(join(shots, `${name}.png`), bytes);
  }
  return PNG.sync.read(bytes);
}

export async function boxes(page: Page, selector: string): Promise<Box[]> {
  const found = await Promise.all((await page.locator(selector).all()).map((element) => element.boundingBox()));
  return found.filter((box) => box !== null);
}

/** How many pixels of a part are not of its commonest colour. */
export function drawnPixels(picture: PNG, box: Box): number {
  const counts = [...coloursIn(picture, box).values()];
  return counts.reduce((a, b) => a + b, 0) - Math.max(...counts);
}

/** Blocks that must keep clear of each other. */
const BLOCKS = 'nav li, .prose > *, .code, .output, .picture, .controls, .card, figcaption, .prompt, .thumbnail, .site h2, .site p';

export async function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(`
    (() => {
      const blocks = [...document.querySelectorAll(${JSON.stringify(BLOCKS)})]
        .filter((block) => block.checkVisibility())
        .map((block) => ({ name: block.tagName + '.' + block.className + ' ' + block.textContent.slice(0, 30), box: block.getBoundingClientRect(), block }));
      const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
      return blocks.flatMap((a, i) => blocks.slice(i + 1)
        .filter((b) => !a.block.contains(b.block) && meet(a.box, b.box))
        .map((b) => a.name + ' and ' + b.name));
    })()`);
}

/** How much darker than white a part of a picture is, in full black pixels. */
export function inkIn(picture: PNG, box: Box): number {
  let ink = 0;
  for (const [colour, count] of coloursIn(picture, box)) {
    const [red, green, blue] = [1, 3, 5].map((at) => 255 - parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
    ink += (count * (red + green + blue)) / 765;
  }
  return ink;
}
