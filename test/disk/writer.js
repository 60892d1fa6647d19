/** Writes what it is told to, a line of JSON each, and says how that went: a process whose limits a test can change. */
import { createInterface } from 'node:readline';
import { writeWhole } from '../../dist/files/write-whole.js';

for await (const line of createInterface({ input: process.stdin })) {
  const { path, content } = JSON.parse(line);
  const said = await writeWhole(path, content).then(
    () => 'ok',
    (error) => String(error.code),
  );
  process.stdout.write(`${said}\n`);
}
