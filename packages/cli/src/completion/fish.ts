/** @file The completion of fish. */

import type { CommandWords, Value } from './vocabulary.ts';

/** @param vocabulary the program's first */
export function fishScript(vocabulary: readonly CommandWords[]): string {
  const paths = vocabulary.slice(1).map(({ path }) => fishQuoted(path));
  const lines = vocabulary.flatMap(({ path, parts, options, argument }) => {
    const begin = `complete -c pareidolia -n ${fishQuoted(`__pareidolia_at ${fishQuoted(path)}`)}`;
    return [
      ...parts.map(({ name, description }) => `${begin} -f -a ${fishQuoted(name)} -d ${fishQuoted(description)}`),
      ...(argument === undefined ? [] : [`${begin} ${found(argument)}`]),
      ...options.map(({ flags, description, value }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const taken = value === undefined ? '' : ` -r ${found(value)}`;
        return `${begin} ${names.join(' ')}${taken} -d ${fishQuoted(description)}`;
      }),
    ];
  });
  return `# Completion of pareidolia for fish: pareidolia completion fish | source
function __pareidolia_at
  set -l at ''
  for word in (commandline -opc)[2..]
    set -l next (string trim -- "$at $word")
    if contains -- $next ${paths.join(' ')}
      set at $next
    end
  end
  test "$at" = "$argv[1]"
end
function __pareidolia_several
  # What is before the last comma stays.
  set -l before (string replace -r '[^,]*$' '' -- (commandline -ct))
  printf "$before%s\\n" $argv
end
${lines.join('\n')}
`;
}

function found(value: Value): string {
  if (value.kind === 'folder') return '-f -a "(__fish_complete_directories)"';
  if (value.kind === 'file') return '-F';
  const names = fishQuoted(value.names.join(' '));
  return `-f -a ${value.several ? fishQuoted(`(__pareidolia_several ${value.names.join(' ')})`) : names}`;
}

function fishQuoted(word: string): string {
  return `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
