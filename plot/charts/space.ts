/** The address space as it is, as one band. */
import { size, toBytes, type AddressSpace } from '../../machine/index.js';
import { chart, plane, rules, type Layer, type VegaLiteSpec } from '../spec.js';
import { GRID_COLOUR } from '../theme.js';
import { addressText } from '../title.js';
import { plural } from '../totals.js';
import { addressScale, boundaries } from './address-scale.js';
import { BAND, bandLayers } from './band-layers.js';
import { groupVmas, ownVmas } from './bands.js';
import { edgeLabelLayers, edgeLabels } from './edge-labels.js';
import { KEY, keyLayers } from './key.js';
import { gridKey, presentKey } from './maps.js';

const BANDS_SHOWN = 24;

export function spaceChart(space: AddressSpace, model: string): VegaLiteSpec | null {
  const g = space.geometry;
  const vmas = ownVmas(space);
  if (vmas.length === 0) return null;
  const bands = groupVmas(vmas, BANDS_SHOWN);
  const axis = addressScale(g, bands);
  const grid = boundaries(g, axis);
  const edges = edgeLabels(
    bands.flatMap((b) => [
      { x: axis.at(b.start), text: addressText(g, b.start), priority: 2 },
      { x: axis.at(b.end), text: addressText(g, b.end), priority: 1 },
    ]),
    3,
  );
  const top = edges.height;
  const height = top + BAND + 8 + KEY;
  const layers: Layer[] = [
    ...(grid === null ? [] : [rules(grid.lines.map((l) => ({ x: l.x, x2: l.x, y: top - 4, y2: top + BAND + 4, ink: GRID_COLOUR })))]),
    ...bandLayers(space, bands, [], axis, top),
    ...edgeLabelLayers(edges, top, -1),
    ...keyLayers([...presentKey([space], bands), ...(grid === null ? [] : [gridKey(space, grid)])], height - KEY),
  ];
  const mapped = vmas.reduce((n, v) => n + v.end - v.start, 0);
  const title = `${plural(vmas.length, 'mapping')}, ${size(toBytes(g, mapped))}, ${size(toBytes(g, space.usage.rss))} resident`;
  const subtitle = [`${model}, ${g.name}${axis.toScale ? '' : '; not to one scale: what is narrow is widened to be seen'}`];
  return chart({ title, subtitle, description: `The address space: ${title}` }, [plane(height, layers, { rows: [{ y: top + BAND / 2, text: 'mapped' }], zoom: 'zoom' })]);
}
