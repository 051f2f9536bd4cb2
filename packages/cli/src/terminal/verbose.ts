/** @file What `-v` says before and after a command. */

import { arch, availableParallelism, platform } from 'node:os';
import type { Command } from 'commander';
import { VERSION } from '../version.ts';
import { duration } from './figures.ts';

/** Options whose values may hold a password. */
const SECRET = ['queue', 'store', 'token'];

/** Where values come from, in words. */
const SOURCES: Readonly<Record<string, string>> = { cli: 'command line', config: 'configuration file' };

/** Versions, the machine, and each option that is set with where it comes from. */
export function describeStart(command: Command): string {
  const { node } = process.versions;
  const lines = [`pareidolia ${VERSION}, Node ${node}, ${platform()} ${arch()}, ${availableParallelism()} cores`];
  for (const option of command.options) {
    const name = option.attributeName();
    const value: unknown = command.getOptionValue(name);
    if (value === undefined) continue;
    const shown = SECRET.includes(name) ? '...' : typeof value === 'string' ? value : JSON.stringify(value);
    lines.push(`  ${name} ${shown} (${SOURCES[command.getOptionValueSource(name) ?? ''] ?? 'default'})`);
  }
  return `${lines.join('\n')}\n`;
}

/** @param seconds since the process began */
export function describeEnd(seconds: number): string {
  const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  return `Took ${duration(seconds)}, and at most ${megabytes} MB of memory.\n`;
}
