/** `%time`. */

/** Started; asked, it says how long ago that was. */
export function stopwatch(): () => string {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return `time: ${duration(performance.now() - wall)} (${duration((user + system) / 1000)} of CPU)\n`;
  };
}

/** Three digits, in the unit that fits. */
export function duration(ms: number): string {
  if (ms < 1) return `${(ms * 1000).toFixed(0)} us`;
  if (ms < 1000) return `${ms.toPrecision(3)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toPrecision(3)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
