import type { Option } from 'commander';

/** Of one call of a command, and of no other. */
const ONCE = ['help', 'config', 'resume', 'list', 'bibtex', 'quiet', 'verbose'];

/** Whether an option may be in a configuration file. */
export function isConfigurable(option: Option): boolean {
  return !ONCE.includes(option.attributeName());
}

/** Whether it takes no value: `--force`, `--no-quantize`. */
export function isFlag({ required, optional }: Option): boolean {
  return !required && !optional;
}
