/**
 * Programs as generators that yield what they wait for. A machine that answers at once costs no
 * turn of the event loop, and still one can be put in its place that answers over a socket.
 */
export type Task<T> = Generator<Promise<unknown>, T, unknown>;

/** Waits for a promise; anything else passes straight through. */
export function* settled<T>(value: T | Promise<T>): Task<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

export async function drive<T>(task: Task<T>): Promise<T> {
  let step = task.next();
  while (step.done !== true) {
    let answer: unknown;
    try {
      answer = await step.value;
    } catch (error) {
      step = task.throw(error);
      continue;
    }
    step = task.next(answer);
  }
  return step.value;
}

/** How long a program may run before it lets others have a turn, in milliseconds. */
const SLICE = 20;

/** Lets timers and messages through once in a while, so that a run can be interrupted. */
export class Breather {
  #since = performance.now();

  *breathe(): Task<void> {
    if (performance.now() - this.#since < SLICE) return;
    yield turn();
    this.#since = performance.now();
  }
}

/** One turn of the event loop; a timer would take a millisecond, in browsers four. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
