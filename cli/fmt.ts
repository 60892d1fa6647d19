/** `mremap-lab fmt`: a name that is kept for what is to come. */
import { messages } from './messages.js';

export function fmt(): never {
  throw messages.fmtComesLater();
}
