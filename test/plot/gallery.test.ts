import { describe, expect, test } from 'vitest';
import { specToSvg, viewSpec, viewText } from '../../plot/index.js';
import { marksIn, schemaErrors, warningsOf } from './check-spec.js';
import { EXAMPLES, fileLines, LOGS, logView, LONG_LOG, MADE, RACES, scheduleView, SCRIPTS, scriptView, views, type Shown } from './gallery.js';
import { faults, sceneOf } from './scene.js';
import { expectSnapshot, rounded, specText } from './snapshot.js';

async function check({ name, view }: Shown): Promise<void> {
  expectSnapshot(`${name}.txt`, `${viewText(view)}\n`);
  const spec = viewSpec(view);
  if (spec === null) return;
  expect(schemaErrors(spec)).toEqual([]);
  expect(warningsOf(spec)).toEqual([]);
  expect(faults(await sceneOf(spec))).toEqual([]);
  expect(JSON.stringify(spec).length).toBeLessThan(200_000);
  expect(marksIn(spec)).toBeLessThanOrEqual(1000);
  const text = specText(spec);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(spec)));
  const svg = await specToSvg(spec);
  const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
  expect(width).toBeGreaterThan(800);
  expect(width).toBeLessThanOrEqual(960);
  expectSnapshot(`${name}.json`, rounded(text));
  expectSnapshot(`${name}.svg`, `${rounded(svg)}\n`);
}

describe('gallery', () => {
  test.each(EXAMPLES)('$name on $release', async (example) => {
    for (const shown of await views(example)) await check(shown);
  });
  test.each(MADE)('$name, made by hand', check);
  test.each(RACES)('$name: the schedule of a race', (race) => check({ name: `${race.name}-schedule`, view: scheduleView(race) }));
  test.each(SCRIPTS)('$name', async ({ name, text }) => check({ name, view: await scriptView(text) }));
  test.each(LOGS)('$name', ({ name, file, touched }) => check({ name, view: logView(fileLines(file), touched) }));
  test('a log of three thousand moves', () => check({ name: 'long-log', view: logView(LONG_LOG) }));

  test('drawing twice gives the same text', async () => {
    const [shown] = await views(EXAMPLES[0] as (typeof EXAMPLES)[number]);
    const spec = shown === undefined ? null : viewSpec(shown.view);
    expect(spec).not.toBeNull();
    if (spec !== null) expect(await specToSvg(spec)).toBe(await specToSvg(spec));
  });

  test('what does not move is not charted', async () => {
    const shown = await Promise.all(EXAMPLES.map(views));
    const nulls = shown
      .flat()
      .filter((s) => viewSpec(s.view) === null)
      .map((s) => s.name);
    expect(nulls).toEqual(['shrink-moves', 'refused-moves']);
  });
});
