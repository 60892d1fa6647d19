/** Sessions that others can join, over a Unix-domain socket. */
export { SessionClient, SessionEnded, type AskOptions, type JoinOptions } from './client.js';
export { findSession, sessions, type Found } from './find.js';
export type { Host } from './guest.js';
export { nameFrom } from './name.js';
export { SessionServer, type SessionOptions } from './server.js';
export { Turns, Withdrawn } from './turns.js';
export type { Content, Notice, SessionInfo } from './wire.js';
