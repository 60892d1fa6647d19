/** The text form of every view: for terminals, and for what cannot draw. */
import { assertUnreachable, type View } from '../machine/index.js';
import { costText } from './text/cost.js';
import { logText } from './text/log.js';
import { mapsText, spaceText } from './text/maps.js';
import { movesText } from './text/moves.js';
import { plotTitle } from './charts/table-plot.js';
import { scheduleText } from './text/schedule.js';
import { printkText, stepsText } from './text/steps.js';
import { plotText, tableViewText } from './text/table.js';
import { tablesText } from './text/tables.js';

/** A view as text, for terminals and wherever nothing else can be shown. */
export function viewText(view: View): string {
  switch (view.what) {
    case 'moves':
      return movesText(view.record, view.model);
    case 'maps':
      return mapsText(view.record, view.model);
    case 'space':
      return spaceText(view.space, view.model);
    case 'steps':
      return view.printk === true ? printkText(view.record) : stepsText(view.record, view.model);
    case 'cost':
      return costText(view.record, view.model, view.others);
    case 'log':
      return logText(view.log, view.model);
    case 'tables':
      return tablesText(view.space, view.at, view.model, view.record);
    case 'compare':
    case 'rmap':
    case 'table':
      return tableViewText(view.title, view.text, view.table, view.model);
    case 'schedule':
      return scheduleText(view.schedule, view.states);
    case 'plot':
      return plotText(plotTitle(view), view.table, view, view.model);
    default:
      return assertUnreachable(view);
  }
}
