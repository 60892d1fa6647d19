/** The only errors this project throws. A call that the kernel refuses is not one: that is a result. */

/** A place in a scenario's text: UTF-16 offsets, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A mistake in the script. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  constructor(
    readonly code: string,
    message: string,
    readonly span: Span,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** A mistake in the user's set-up, with what to do about it. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/** A bug in this project: the model broke one of its own rules. */
export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** Ends a switch over a union: the compiler complains when a case is missing. */
export function assertUnreachable(x: never): never {
  throw new InvariantViolation(`unexpected value ${JSON.stringify(x)}`);
}
