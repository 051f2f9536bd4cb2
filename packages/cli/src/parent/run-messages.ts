/** @file What the process of a search tells the server that began it. */

/**
 * Name of the variable that asks a process to stop in good order when the one that started it is gone. It must have been
 * started with a channel to it.
 */
export const STOP_WITH_PARENT = 'PAREIDOLIA_STOP_WITH_PARENT';

/** The share of the search that is done, within a step, too; or that it has stopped and is saving. */
export type RunMessage = { readonly share: number } | 'saving';

/** Milliseconds between two messages. */
const EVERY = 200;

let told = Number.NEGATIVE_INFINITY;

/** Does nothing where no server listens. */
export function tellServer(message: RunMessage): void {
  if (process.env[STOP_WITH_PARENT] === undefined || process.send === undefined || !process.connected) return;
  const now = performance.now();
  if (message !== 'saving' && now - told < EVERY) return;
  told = now;
  // A server that goes away in this moment is noticed otherwise.
  process.send(message, () => {});
}

/** Whether something that came from a process is a message of its search. */
export function isRunMessage(message: unknown): message is RunMessage {
  return (
    message === 'saving' ||
    (typeof message === 'object' && message !== null && 'share' in message && typeof message.share === 'number')
  );
}
