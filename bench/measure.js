/** How things are timed. */

/** Processor time of a piece of work in microseconds: that of all threads, so that what V8 compiles and collects beside counts too. */
export function processorTime(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
