import type { Vpn } from '../../machine/index.js';

/** A fault that cannot be served: the signal that the access gets, and the page it came to. */
export interface FaultStop {
  readonly signal: 'SIGSEGV' | 'SIGBUS';
  readonly at: Vpn;
}
