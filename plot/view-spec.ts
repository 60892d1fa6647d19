/** The chart of every view; null where a table says it better or there is nothing to draw. */
import { assertUnreachable, type View } from '../machine/index.js';
import { compareChart } from './charts/compare.js';
import { costChart } from './charts/cost.js';
import { logChart } from './charts/log.js';
import { mapsChart } from './charts/maps.js';
import { movesChart } from './charts/moves.js';
import { scheduleChart } from './charts/schedule.js';
import { rmapChart } from './charts/rmap.js';
import { spaceChart } from './charts/space.js';
import { stepsChart } from './charts/steps.js';
import { tablePlot } from './charts/table-plot.js';
import { tablesChart } from './charts/tables.js';
import type { VegaLiteSpec } from './spec.js';

/** A view as a Vega-Lite 5 specification, its data in it; null for one that is a table. */
export function viewSpec(view: View): VegaLiteSpec | null {
  switch (view.what) {
    case 'moves':
      return movesChart(view.record, view.model);
    case 'maps':
      return mapsChart(view.record, view.model);
    case 'space':
      return spaceChart(view.space, view.model);
    case 'tables':
      return tablesChart(view.space, view.at, view.model, view.record);
    case 'cost':
      return costChart(view.record, view.model, view.others);
    case 'log':
      return logChart(view.log, view.model);
    case 'schedule':
      return scheduleChart(view.schedule);
    case 'plot':
      return tablePlot(view.table, view, view.model);
    case 'steps':
      return view.printk === true ? null : stepsChart(view.record, view.model);
    case 'rmap':
      return rmapChart(view);
    case 'compare':
      return compareChart(view);
    case 'table':
      return null;
    default:
      return assertUnreachable(view);
  }
}
