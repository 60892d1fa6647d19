/** Draws charts in a thread of its own, so that a chart that never ends or fills the memory can be stopped alone. */
import { parentPort } from 'node:worker_threads';
import type { VegaLiteSpec } from '../../plot/index.js';
import type { Drawn, ToDraw } from './painter.js';

const main = parentPort;
if (main === null) throw new Error('draw-thread.js runs as a worker thread');

main.on('message', (job: ToDraw) => void draw(job).then((drawn) => main.postMessage(drawn)));

async function draw({ spec, foreign }: ToDraw): Promise<Drawn> {
  try {
    const { foreignSpecToSvg, specToSvg } = await import('../../plot/index.js');
    return { svg: await (foreign ? foreignSpecToSvg : specToSvg)(spec as VegaLiteSpec) };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
