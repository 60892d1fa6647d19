/** The chart of what moves cost: by the number of distinct extents, and by size, the kernel beside. */
import { theme } from '../dist/plot/index.js';

const COLOUR = { model: '#0072b2', kernel: '#d55e00' };
const WIDTH = 360;
const HEIGHT = 260;

const TIME = "datum.value >= 1e6 ? format(datum.value / 1e6, '~s') + ' s' : datum.value >= 1000 ? format(datum.value / 1000, '~s') + ' ms' : format(datum.value, '~s') + ' µs'";
const SIZE =
  "datum.value >= 1099511627776 ? format(datum.value / 1099511627776, '~s') + ' TiB' : datum.value >= 1073741824 ? format(datum.value / 1073741824, '~s') + ' GiB' : format(datum.value / 1048576, '~s') + ' MiB'";

const series = (rows, x) => rows.flatMap((row) => ['model', 'kernel'].filter((who) => row[who] !== undefined).map((who) => ({ x: row[x], who, time: row[who] })));

function panel(title, values, x) {
  return {
    width: WIDTH,
    height: HEIGHT,
    title: { text: title, anchor: 'start', fontSize: 12 },
    data: { values },
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        scale: { type: 'log', base: x.base, nice: false },
        axis: { title: x.title, values: x.values, ...(x.label === undefined ? { format: ',' } : { labelExpr: x.label }), labelOverlap: true },
      },
      y: { field: 'time', type: 'quantitative', scale: { type: 'log', domain: [1, 1e6] }, axis: { title: 'one move', values: [1, 10, 100, 1e3, 1e4, 1e5, 1e6], labelExpr: TIME } },
      color: {
        field: 'who',
        type: 'nominal',
        scale: { domain: ['model', 'kernel'], range: [COLOUR.model, COLOUR.kernel] },
        legend: { title: null, labelLimit: 0, orient: 'top-left', labelExpr: "datum.label === 'model' ? 'the model' : 'the kernel it ran on'" },
      },
    },
    layer: [{ mark: { type: 'line', strokeWidth: 2 } }, { mark: { type: 'point', filled: true, size: 45, opacity: 1 } }],
  };
}

export function moveCostSpec({ measured, kernelGib, byExtents, bySize }) {
  const pages = 2 ** 18;
  const extents = series(byExtents, 'extents').concat([1, pages].map((x) => ({ x, who: 'kernel', time: kernelGib })));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    config: theme,
    title: {
      text: 'What moving populated memory one page off costs',
      subtitle: `every entry moves by itself; ${measured.processor}, Linux ${measured.kernel}, Node ${measured.node}, ${measured.on}`,
      anchor: 'start',
    },
    hconcat: [
      panel('1 GiB, by the number of distinct extents', extents, { base: 4, title: 'distinct extents', values: byExtents.map((row) => row.extents) }),
      panel('one extent, by size', series(bySize, 'bytes'), { base: 8, title: 'size', values: bySize.map((row) => row.bytes), label: SIZE }),
    ],
  };
}
