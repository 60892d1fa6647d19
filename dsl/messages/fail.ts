/** A mistake in the script that shows only while it runs. */
import { ScenarioError, type Span } from '../../machine/index.js';
import { message, type Arguments, type Code } from './messages.js';

export function fail<C extends Code>(span: Span, code: C, ...args: Arguments<C>): never {
  const { text, hint } = message(code, ...args);
  throw new ScenarioError(code, text, span, hint);
}
