/** Logs of strace as programs. */
export { LogReplay, type LogOptions, type LogResult } from './replay.js';
export { LOG_MESSAGES, type LogCode } from './messages.js';
export { looksLikeLog, looksLikeMaps } from './looks.js';
export { machineNamed } from './machine-name.js';
export type { Touched } from './bound.js';
export type { MovedLine } from './tally.js';
