/** A real browser, offline: what a reader of a page sees, as pixels. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { PNG } from 'pngjs';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export const hasChromium = existsSync(CHROMIUM);

export interface OpenOptions {
  readonly dark?: boolean;
  readonly scripts?: boolean;
  readonly width?: number;
}

export class Browser {
  private readonly contexts: BrowserContext[] = [];

  constructor(private readonly profiles: string) {}

  /** The page with its charts drawn, and what the console had to complain about. */
  async open(file: string, { dark = false, scripts = true, width = 1280 }: OpenOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const context = await this.launch({ dark, scripts, width, offline: true });
    const page = context.pages()[0] ?? (await context.newPage());
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
    const context = await this.launch({ dark: false, scripts: true, width: 1280, offline: false });
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(url);
    return page;
  }

  private async launch({ dark, scripts, width, offline }: Required<OpenOptions> & { readonly offline: boolean }): Promise<BrowserContext> {
    const context = await chromium.launchPersistentContext(join(this.profiles, String(this.contexts.length)), {
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: scripts,
      offline,
    });
    this.contexts.push(context);
    return context;
  }

  async close(): Promise<void> {
    for (const context of this.contexts) await context.close();
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

export const screenshot = async (page: Page): Promise<PNG> => PNG.sync.read(await page.screenshot({ fullPage: true }));
