/** `%time`. */
import { elapsedText } from '../../present/progress.js';

/** Started; asked, it says how long ago that was. */
export function stopwatch(): () => string {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return `time: ${elapsedText(performance.now() - wall)} (${elapsedText((user + system) / 1000)} of CPU)\n`;
  };
}
