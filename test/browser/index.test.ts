/** The page that leads to all others, in a real browser. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { boxes, Browser, drawnPixels, hasChromium, overlaps, shoot } from './kit.js';

const { dir: site, tutorials } = inject('site');
const index = join(site, 'index.html');

describe.skipIf(!hasChromium)('the index', () => {
  const browser = new Browser();

  afterEach(() => browser.clear());
  afterAll(() => browser.close());

  it.each([
    { width: 1280, dark: false, columns: 2 },
    { width: 1280, dark: true, columns: 2 },
    { width: 400, dark: false, columns: 1 },
    { width: 400, dark: true, columns: 1 },
  ])('has a card for each page, with a picture, at $width pixels (dark: $dark)', async ({ width, dark, columns }) => {
    const { page, complaints } = await browser.open(index, { width, dark });
    const picture = await shoot(page, `index-${width}-${dark ? 'dark' : 'light'}`);

    const links = await page.evaluate<string[]>("[...document.querySelectorAll('.site li a')].map((link) => link.href)");
    expect(links.map((link) => fileURLToPath(link))).toEqual(['levels', ...tutorials].map((name) => join(site, `${name}.html`)));
    expect(links.filter((link) => !existsSync(fileURLToPath(link)))).toEqual([]);

    const thumbnails = await boxes(page, '.thumbnail img');
    expect(thumbnails).toHaveLength(links.length);
    for (const [i, frame] of (await boxes(page, '.thumbnail')).entries()) {
      expect(drawnPixels(picture, frame), links[i]).toBeGreaterThan(500);
      // As wide as its frame: what is taller is cut below, not shrunk until nobody can read it.
      expect(thumbnails[i]?.width, links[i]).toBeGreaterThan(frame.width * 0.85);
      expect(thumbnails[i]?.y, links[i]).toBeGreaterThanOrEqual(frame.y);
    }

    expect(new Set((await boxes(page, '.site li')).map(({ x }) => x)).size).toBe(columns);
    expect(await overlaps(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(Math.max(...picture.data.subarray(0, 3)) < 64).toBe(dark);
    expect(complaints).toEqual([]);
  });

  it('leads to a page, which leads back', async () => {
    const { page, complaints } = await browser.open(index);
    const card = page.locator('.site li').nth(1);
    const title = await card.locator('h2').innerText();
    await card.locator('a').click();
    await page.waitForSelector('h1');
    expect(await page.locator('h1').innerText()).toBe(title);
    await page.click('text=all notebooks');
    await page.waitForSelector('.site');
    expect(fileURLToPath(page.url())).toBe(index);
    expect(complaints).toEqual([]);
  });
});
