/** Every message about drawing that a user can see. */
import { SetupError } from '../../machine/index.js';

const LONGEST = 300;
const HINT = 'it has to be a specification of Vega-Lite that draws in a few seconds';

export const messages = {
  undrawable: (why: string) => new SetupError(`the chart cannot be drawn: ${why.length > LONGEST ? `${why.slice(0, LONGEST)}...` : why}`, HINT),
  tooSlow: (seconds: number) => new SetupError(`the chart cannot be drawn: it takes longer than ${seconds} s`, HINT),
  tooLarge: (what: string) => new SetupError(`the chart cannot be drawn: ${what}`, HINT),
} as const;
