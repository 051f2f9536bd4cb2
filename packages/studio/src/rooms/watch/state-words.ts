/** @file What a run is doing, in words. */

import type { RunState } from '@pareidolia/studio';

export const STATE_WORDS: Readonly<Record<RunState, string>> = {
  running: 'running',
  paused: 'paused',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
  followed: 'running in another process',
};
