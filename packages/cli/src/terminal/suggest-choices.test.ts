import { Argument, Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { suggestChoices } from './suggest-choices.ts';

function said(...words: readonly string[]): string {
  let text = '';
  const command = new Command('draw')
    .addArgument(new Argument('[what]', 'what to draw').choices(['circle', 'square']).default('circle'))
    .addOption(new Option('--color <name>', 'of the lines').choices(['red', 'green']).default('red'))
    .addCommand(new Command('later').addOption(new Option('--how <way>', 'way').choices(['slowly', 'quickly'])))
    .configureOutput({ writeErr: (part) => (text += part) })
    .exitOverride()
    .action((what: string, { color }: { color: string }) => {
      text += `${what} in ${color}`;
    });
  for (const part of command.commands) part.copyInheritedSettings(command);
  suggestChoices(command);
  try {
    command.parse(words, { from: 'user' });
  } catch {
    // It is told.
  }
  return text;
}

it('what is allowed is taken', () => {
  expect(said('square', '--color', 'green')).toBe('square in green');
  expect(said()).toBe('circle in red');
});

it.each([
  [['--color', 'gren'], 'Allowed choices are red, green (did you mean green?).'],
  [['--color', 'blue'], 'Allowed choices are red, green.'],
  [['sqare'], 'Allowed choices are circle, square (did you mean square?).'],
  [['later', '--how', 'quickley'], 'Allowed choices are slowly, quickly (did you mean quickly?).'],
])('%j', (words, sentence) => {
  expect(said(...words)).toContain(sentence);
});
