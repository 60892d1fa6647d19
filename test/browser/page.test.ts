/** Exported pages in a real browser, judged by their pixels. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNotebook } from '../../notebook/write.js';
import { LEVEL_COLOUR } from '../../plot/theme.js';
import { code, markdown, notebook } from '../notebook/kit.js';
import { Browser, CHROMIUM, coloursIn, hasChromium, screenshot, type Box } from './kit.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const TUTORIALS = readdirSync(join(root, 'notebooks'))
  .filter((file) => file.endsWith('.ipynb'))
  .map((file) => join(root, 'notebooks', file));

/** `SHOTS=DIR` keeps the screenshots, to be looked at. */
const shots = process.env['SHOTS'];

const map = (at: string, size: string): string =>
  `let p = ${at}\nmmap(p, ${size}, PROT_READ|PROT_WRITE, MAP_ANONYMOUS|MAP_PRIVATE|MAP_FIXED, -1, 0) = p\nmemset(p, 1, ${size})\n`;

const LEVELS = notebook(
  markdown('# Levels\n\nA page with everything on it.\n\n## Entries\n\n| a | b |\n|---|---|\n| 1 | 2 |'),
  code(`kernel 6.12\n${map('129M', '2M')}m = mremap(p, 2M, 2M, MREMAP_MAYMOVE|MREMAP_FIXED, p - 32M)\nshow moves m`),
  markdown('## Tables of tables\n\n`text` and more text.'),
  code(`kernel 6.12\n${map('129G', '2G')}m = mremap(p, 2G, 2G, MREMAP_MAYMOVE|MREMAP_FIXED, 200G)\nshow moves m\nshow steps m\nshow maps m`),
  markdown('## Words'),
  code(`print "${'a long line '.repeat(30)}"  # ${'and a long comment '.repeat(10)}`),
  code('expect 1 == 2', [], 'raises-exception'),
);

if (!hasChromium) process.stderr.write(`The pages are not looked at: there is no Chromium at ${CHROMIUM}. CHROMIUM=PATH names another.\n`);

describe.skipIf(!hasChromium)('an exported page', () => {
  let dir: string;
  let browser: Browser;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'mremap-lab-test-'));
    browser = new Browser(join(dir, 'profiles'));
    writeFileSync(join(dir, 'levels.ipynb'), writeNotebook(LEVELS));
    execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'run', join(dir, 'levels.ipynb'), ...TUTORIALS, '--out', join(dir, 'out')]);
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
  });

  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const pageOf = (name: string): string => join(dir, 'out', `${name}.html`);

  async function shoot(page: Page, name: string): Promise<PNG> {
    const picture = await screenshot(page);
    if (shots !== undefined) writeFileSync(join(shots, `${name}.png`), PNG.sync.write(picture));
    return picture;
  }

  describe.each(['levels', ...TUTORIALS.map((file) => basename(file, '.ipynb'))])('%s', (name) => {
    it('draws every chart, overlaps nothing and complains of nothing at 1280 pixels', async () => {
      const { page, complaints } = await browser.open(pageOf(name));
      const picture = await shoot(page, name);
      const charts = await boxes(page, 'figure.chart .live svg');
      expect(charts.length).toBeGreaterThan(0);
      expect(charts.length).toBe((await boxes(page, 'figure.chart')).length);
      for (const chart of charts) expect(drawnPixels(picture, chart)).toBeGreaterThan(2000);
      expect(await overlaps(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
      expect(await page.evaluate("[...document.querySelectorAll('.card')].filter((c) => c.scrollWidth > c.clientWidth).length")).toBe(0);
      expect(complaints).toEqual([]);
    });

    it('shows the same charts where no script runs', async () => {
      const { page } = await browser.open(pageOf(name), { scripts: false });
      const picture = await shoot(page, `${name}-static`);
      const charts = await boxes(page, 'figure.chart .card img');
      expect(charts.length).toBeGreaterThan(0);
      for (const chart of charts) expect(drawnPixels(picture, chart)).toBeGreaterThan(2000);
      expect(await overlaps(page)).toEqual([]);
    });

    it('fits a narrow window, and a dark one', async () => {
      const { page } = await browser.open(pageOf(name), { width: 400, dark: true });
      await shoot(page, `${name}-narrow`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
      expect(await overlaps(page)).toEqual([]);
    });
  });

  it.each(['light', 'dark'])('has the colours of the levels, on white, in a %s window', async (scheme) => {
    const { page } = await browser.open(pageOf('levels'), { dark: scheme === 'dark' });
    const picture = await shoot(page, `levels-${scheme}`);
    const [mixed, whole] = await boxes(page, 'figure.chart .live svg');
    const [first, second] = [coloursIn(picture, mixed as Box), coloursIn(picture, whole as Box)];
    const count = (colours: Map<string, number>, colour: string): number => colours.get(colour) ?? 0;
    expect(count(first, LEVEL_COLOUR.pte)).toBeGreaterThan(5000);
    expect(count(first, LEVEL_COLOUR.pmd)).toBeGreaterThan(5000);
    expect(count(first, LEVEL_COLOUR.pud)).toBe(0);
    expect(count(second, LEVEL_COLOUR.pud)).toBeGreaterThan(5000);
    expect(count(second, LEVEL_COLOUR.pte)).toBe(0);
    expect(count(first, '#ffffff')).toBeGreaterThan(10_000);
    const paper = [...picture.data.subarray(0, 3)];
    expect(Math.max(...paper) < 64).toBe(scheme === 'dark');
  });

  it('answers to the pointer, and enlarges a chart and puts it back', async () => {
    const { page, complaints } = await browser.open(pageOf('levels'));
    const mark = page.locator(`figure.chart .live path[fill="${LEVEL_COLOUR.pmd}"]`).first();
    await mark.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await mark.boundingBox()) as Box;
    // Off the middle, where its label is.
    await page.mouse.move(x + 0.9 * width, y + 0.2 * height);
    await page.waitForSelector('#vg-tooltip-element.visible');
    expect(await page.locator('#vg-tooltip-element').innerText()).toContain('PMD');

    const before = (await boxes(page, 'figure.chart .live svg'))[0] as Box;
    await page.locator('figure.chart button').first().click();
    const large = (await boxes(page, 'dialog svg'))[0] as Box;
    expect(large.width).toBeGreaterThan(before.width * 1.2);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect((await boxes(page, 'figure.chart .live svg'))[0]).toMatchObject({ width: before.width, height: before.height });
    expect(complaints).toEqual([]);
  });
});

async function boxes(page: Page, selector: string): Promise<Box[]> {
  const found = await Promise.all((await page.locator(selector).all()).map((element) => element.boundingBox()));
  return found.filter((box) => box !== null);
}

/** How many pixels of a part are not of its commonest colour. */
function drawnPixels(picture: PNG, box: Box): number {
  const counts = [...coloursIn(picture, box).values()];
  return counts.reduce((a, b) => a + b, 0) - Math.max(...counts);
}

/** Blocks that must keep clear of each other. */
const BLOCKS = 'nav li, .prose > *, .code, .output, .picture, .card, figcaption, .prompt';

async function overlaps(page: Page): Promise<string[]> {
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
