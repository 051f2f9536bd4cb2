/** @file Runs `pareidolia completion` at the terminal. */

import type { Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { vocabularyOf } from '../completion/vocabulary.ts';
import { zshScript } from '../completion/zsh.ts';
import { writeOut } from '../terminal/output.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** @param program with all commands and their options */
export function printCompletion(program: Command, shell: keyof typeof SCRIPTS): void {
  writeOut(SCRIPTS[shell](vocabularyOf(program)));
}
