/** @file Ctrl-C: the first one asks to stop in good order, the second one stops at once. */

import { STOP_WITH_PARENT } from '../parent/run-messages.ts';

/** Exit codes by custom: 128 + number of the signal. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** The exit code that belongs to the signal that came; `undefined` where none did. */
  readonly code: number | undefined;
  /** Restores the usual meaning of Ctrl-C. */
  release(): void;
}

/** @param onFirst called when the first signal comes */
export function catchInterrupt(onFirst: () => void): Interrupt {
  const controller = new AbortController();
  let code: number | undefined;
  const listeners = (Object.keys(CODES) as (keyof typeof CODES)[]).map((name) => {
    const listener = (): void => {
      if (code !== undefined) process.exit(CODES[name]);
      code = CODES[name];
      controller.abort();
      onFirst();
    };
    process.on(name, listener);
    return { name, listener };
  });
  const orphaned = (): void => {
    if (code !== undefined) return;
    code = CODES.SIGTERM;
    controller.abort();
    onFirst();
  };
  if (process.env[STOP_WITH_PARENT] !== undefined && process.channel !== undefined) {
    process.on('disconnect', orphaned);
    // It may be over before the other one is.
    process.channel.unref();
    if (!process.connected) orphaned();
  }
  return {
    signal: controller.signal,
    get code() {
      return code;
    },
    release: () => {
      for (const { name, listener } of listeners) process.off(name, listener);
      process.off('disconnect', orphaned);
    },
  };
}

/** Milliseconds that connections have to close. */
const CLOSING = 2000;

/**
 * Ends the process when all is done and told: a connection to a server that was away at the wrong moment would keep it alive. Does
 * nothing where nothing keeps it, nor where another process has started this one with a channel to it, and decides.
 */
export function endSoon(): void {
  if (process.connected) return;
  setTimeout(() => process.exit(), CLOSING).unref();
}
