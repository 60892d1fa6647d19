/** Whether `show` is asked for something that there is. */
import type { ShowStatement } from '../syntax/ast.js';
import type { Report } from '../messages/diagnostics.js';
import { closest } from '../messages/suggest.js';
import { KIND_NAMES } from '../vocabulary/values.js';
import { isView, VIEWS } from '../vocabulary/views.js';
import type { Type } from './scope.js';

export function checkView({ what, of, printk }: ShowStatement, type: Type | undefined, report: Report): void {
  if (printk !== undefined && what.text !== 'steps') report(printk, 'printk-of-steps', what.text);
  const known = Object.keys(VIEWS);
  if (!isView(what.text)) {
    report(what.span, 'unknown-view', what.text, closest(what.text, known), known);
  } else if (of === undefined && VIEWS[what.text].otherwise === 'none') {
    report(what.span, 'view-of-what', what.text);
  } else if (of !== undefined && type !== undefined && type !== 'unknown') {
    const wanted = VIEWS[what.text].of === 'result' ? 'result' : 'integer';
    if (type !== wanted && !(wanted === 'integer' && type === 'result')) {
      report(of.span, 'wrong-type', `\`show ${what.text}\``, wanted === 'result' ? KIND_NAMES.result : 'an address', KIND_NAMES[type]);
    }
  }
}
