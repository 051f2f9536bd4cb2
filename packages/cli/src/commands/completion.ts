/** @file `pareidolia completion`: prints a script for a shell. */

import { Argument, Command } from 'commander';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

const HELP = `
Once, for this shell:
  source <(pareidolia completion bash)                   or zsh; fish: pareidolia completion fish | source

For every shell to come:
  pareidolia completion bash > ~/.local/share/bash-completion/completions/pareidolia
  pareidolia completion zsh > ~/.zfunc/_pareidolia       a folder of fpath
  pareidolia completion fish > ~/.config/fish/completions/pareidolia.fish

The script has the words of this version; print it again after an update.`;

/** Its parent must hold the whole program. */
export function completionCommand(): Command {
  const command = new Command('completion')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', HELP);
  return command.action(async (shell: (typeof SHELLS)[number]) => {
    const { printCompletion } = await import('./completion-action.ts');
    printCompletion(command.parent!, shell);
  });
}
