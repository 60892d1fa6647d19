/** How long a populated TiB of mixed levels takes to draw, and how much the specifications weigh: `npm run bench:charts`. */
import { specToSvg, viewSpec } from '../plot/index.js';
import { EXAMPLES, views } from '../test/plot/gallery.js';

for (const name of ['mixed-tib', 'a-tib', 'one-page-off']) {
  const example = EXAMPLES.find((e) => e.name === name);
  if (example === undefined) continue;
  for (const shown of await views(example)) {
    const begin = performance.now();
    const spec = viewSpec(shown.view);
    const specified = performance.now();
    if (spec === null) continue;
    await specToSvg(spec);
    const drawn = performance.now();
    const kilobytes = JSON.stringify(spec).length / 1000;
    process.stdout.write(
      `${shown.name.padEnd(24)} specification ${(specified - begin).toFixed(0).padStart(5)} ms, ${kilobytes.toFixed(0).padStart(4)} kB; SVG ${(drawn - specified).toFixed(0).padStart(5)} ms\n`,
    );
  }
}
