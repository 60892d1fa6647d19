/** Undoes what must not outlive this process when it exits or a signal ends it. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const pending = new Set<() => void>();

/** Runs `undo` (synchronously, it must not fail) if the process ends before the returned function is called. */
export function untilDone(undo: () => void): () => void {
  if (pending.size === 0) listen();
  pending.add(undo);
  return () => {
    if (pending.delete(undo) && pending.size === 0) unlisten();
  };
}

function undoAll(): void {
  for (const undo of pending) undo();
  pending.clear();
}

function onSignal(signal: NodeJS.Signals): void {
  undoAll();
  unlisten();
  // Now without a handler: whoever started us sees which signal ended us.
  process.kill(process.pid, signal);
}

function listen(): void {
  process.on('exit', undoAll);
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function unlisten(): void {
  process.off('exit', undoAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}
