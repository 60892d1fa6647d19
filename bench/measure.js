/** How things are timed. */

/** Processor time of a piece of work in microseconds: that of all threads, so that what V8 compiles and collects beside counts too. */
export function processorTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** The time of something too short for that: in microseconds, by the clock on the wall. */
export function timed(work) {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e3;
}

export const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
