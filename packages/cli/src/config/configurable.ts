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

/** Reads a value of an option that may be repeated, and adds it to those before. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Whether it is read by {@link several}. */
export function isRepeatable({ parseArg }: Option): boolean {
  return parseArg === several;
}
