/** Exported pages in a real browser, judged by their pixels. */
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { LEVEL_COLOUR } from '../../plot/theme.js';
import { boxes, Browser, coloursIn, drawnPixels, hasChromium, overlaps, shoot, type Box } from './kit.js';

const { dir: site, tutorials } = inject('site');

/** Looked at without scripts and in a narrow window too: all kinds of charts, a page of prose, the widest table. */
const CHOSEN = ['levels', '01-two-gigabytes-down', '06-inside-one-call'];

describe.skipIf(!hasChromium)('an exported page', () => {
  const browser = new Browser();

  afterEach(() => browser.clear());
  afterAll(() => browser.close());

  const pageOf = (name: string): string => join(site, `${name}.html`);

  describe.each(['levels', ...tutorials])('%s', (name) => {
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
  });

  describe.each(CHOSEN)('%s', (name) => {
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
    const enlarged = (await page.locator(`dialog path[fill="${LEVEL_COLOUR.pmd}"]`).first().boundingBox()) as Box;
    await page.mouse.move(enlarged.x + 0.9 * enlarged.width, enlarged.y + 0.2 * enlarged.height);
    await page.waitForSelector('dialog #vg-tooltip-element.visible');
    expect(await page.locator('dialog input[type=range]').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect((await boxes(page, 'figure.chart .live svg'))[0]).toMatchObject({ width: before.width, height: before.height });
    expect(await page.locator('#chart-1 > .controls input').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });
});
