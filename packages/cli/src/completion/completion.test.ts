import { spawnSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { suggestValues } from './suggested-values.ts';
import { vocabularyOf } from './vocabulary.ts';
import { zshScript } from './zsh.ts';

const program = new Command('pareidolia').exitOverride();
program
  .command('draw')
  .description("it's a command: draws")
  .addOption(new Option('--encoding <name>', 'how').choices(['cppn', 'direct', 'dct']))
  .addOption(suggestValues(new Option('--attack <names>', 'which'), ['fgsm', 'pgd'], { several: true }))
  .option('--out <folder>', 'where')
  .option('-q, --quiet', 'say less');
program
  .command('train')
  .description('trains')
  .addArgument(new Argument('[network]', 'which').choices(['lenet', 'mlp']))
  .addCommand(new Command('gan').description('trains two').option('--latent <n>', 'numbers'));
const vocabulary = vocabularyOf(program);

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What the shell offers for the last of some words. */
const SHELLS: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  bash: (words) => {
    const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pareidolia; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', `${bashScript(vocabulary)}\n${ask}`, 'bash', ...words], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  },
  fish: (words) => {
    const { stdout } = spawnSync(
      'fish',
      ['--no-config', '-c', `${fishScript(vocabulary)}\ncomplete -C $argv[1]`, words.join(' ')],
      {
        encoding: 'utf8',
      },
    );
    return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!]));
  },
};

describe.each(['bash', 'fish'])('the completion of %s', (shell) => {
  const offered = (...words: readonly string[]): readonly string[] => SHELLS[shell]!(['pareidolia', ...words]);

  it.skipIf(!has(shell)).each([
    [['dr'], ['draw']],
    [['draw', '--enc'], ['--encoding']],
    [
      ['draw', '--encoding', 'd'],
      ['dct', 'direct'],
    ],
    [['draw', '--attack', 'fgsm,p'], ['fgsm,pgd']],
    [['draw', '--out', 'x', '--qu'], ['--quiet']],
    [['train', 'g'], ['gan']],
    [['train', 'm'], ['mlp']],
    [['train', 'gan', '--la'], ['--latent']],
    [['draw', '--latent', '--la'], []],
  ])('offers for %j %j', (words, wanted) => {
    expect([...offered(...words)].sort()).toEqual(wanted);
  });
});

it.skipIf(!has('bash'))('bash runs nothing that stands on the line, and takes --option=value', () => {
  expect(SHELLS.bash!(['pareidolia', 'draw', '$(echo --encoding >&2)', '--enc'])).toEqual(['--encoding']);
  // Bash hands the equals sign over as a word.
  expect(SHELLS.bash!(['pareidolia', 'draw', '--encoding', '=', 'c'])).toEqual(['cppn']);
});

it.skipIf(!has('zsh'))('zsh can read its script', () => {
  const { stderr, status } = spawnSync('zsh', ['-n'], { input: zshScript(vocabulary), encoding: 'utf8' });
  expect([stderr, status]).toEqual(['', 0]);
});
