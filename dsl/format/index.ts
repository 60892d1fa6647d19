/** The one canonical layout of a program. */
export { format } from './format.js';
