/** Charts that play: the slider, moved by hand, changes what is drawn. */
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest';
import { boxes, Browser, hasChromium, inkIn, shoot, type Box } from './kit.js';

const { dir: site } = inject('site');

describe.skipIf(!hasChromium)('a chart that plays', () => {
  const browser = new Browser();

  afterEach(() => browser.clear());
  afterAll(() => browser.close());

  const open = (width: number, dark: boolean) => browser.open(join(site, 'levels.html'), { width, dark });
  const playing = (page: Page, what: string): Locator => page.locator('figure.chart', { has: page.locator(`.controls:has-text("${what}") input[type=range]`) }).first();

  const WINDOWS = [
    { width: 1280, dark: false },
    { width: 1280, dark: true },
    { width: 400, dark: false },
    { width: 400, dark: true },
  ];

  describe.each(WINDOWS)('in a window of $width pixels (dark: $dark)', ({ width, dark }) => {
    it('fills up as the slider goes, step by step, and is whole again at its end', async () => {
      const { page, complaints } = await open(width, dark);
      for (const what of ['steps of the move', 'steps of the call']) {
        const figure = playing(page, what);
        const slider = figure.locator('input[type=range]');
        const steps = Number(await slider.getAttribute('max'));
        const drawn = async (name: string): Promise<number> => {
          // The slider sticks to the window, so the whole page is looked at from its top.
          await page.evaluate('window.scrollTo(0, 0)');
          const box = (await figure.locator('.card').boundingBox()) as Box;
          return inkIn(await shoot(page, `play-${width}-${dark ? 'dark' : 'light'}-${what.split(' ').at(-1)}-${name}`), box);
        };
        const whole = await drawn('whole');
        await slide(page, slider, 0);
        expect(await slider.inputValue()).toBe('0');
        const empty = await drawn('empty');
        await slide(page, slider, 0.5);
        const at = Number(await slider.inputValue());
        expect(at).toBeGreaterThan(0);
        expect(at).toBeLessThan(steps);
        expect(await figure.locator('.controls').innerText()).toMatch(new RegExp(`\\b${at}$`));
        const half = await drawn('half');
        await slide(page, slider, 1);
        expect(await slider.inputValue()).toBe(String(steps));
        const again = await drawn('again');
        expect(half).toBeGreaterThan(empty * 1.05);
        expect(whole).toBeGreaterThan(half * 1.05);
        expect(again).toBe(whole);
      }
      expect(complaints).toEqual([]);
    });
  });

  it('keeps its slider in the window while a tall chart is scrolled, wide enough for a finger', async () => {
    const { page } = await open(400, true);
    const figure = playing(page, 'steps of the call');
    const [chart] = await boxes(page, `#${await figure.getAttribute('id')} .card`);
    if (chart === undefined) throw new Error('there is no chart of the steps');
    expect(chart.height).toBeGreaterThan(700);
    await page.evaluate(`window.scrollTo(0, ${chart.y + chart.height - 300})`);
    const slider = (await figure.locator('input[type=range]').boundingBox()) as Box;
    expect(slider.y).toBeGreaterThanOrEqual(0);
    expect(slider.y).toBeLessThan(40);
    expect(slider.height).toBeGreaterThan(30);
    expect(slider.x).toBeGreaterThanOrEqual(0);
    expect(slider.width).toBeGreaterThan(150);
    expect(slider.x + slider.width).toBeLessThanOrEqual(400);
  });
});

/** Presses on a slider's track, from its start (0) to its end (1). */
async function slide(page: Page, slider: Locator, to: number): Promise<void> {
  await slider.scrollIntoViewIfNeeded();
  const box = (await slider.boundingBox()) as Box;
  await page.mouse.click(box.x + 2 + to * (box.width - 4), box.y + box.height / 2);
}
