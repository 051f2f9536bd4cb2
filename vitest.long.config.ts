import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

// More cases of each random test, and for each command a process of its own: what a change of many parts, and a release, should pass.
export default mergeConfig(base, { test: { env: { PAREIDOLIA_LONG: '1' } } });
