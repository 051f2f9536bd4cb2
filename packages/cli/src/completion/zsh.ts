/** @file The completion of zsh. It looks words up and runs nothing that stands on the line. */

import { branch, quoted } from './shell-words.ts';
import type { CommandWords, Value } from './vocabulary.ts';

/** @param vocabulary the program's first */
export function zshScript(vocabulary: readonly CommandWords[]): string {
  const parts = vocabulary.slice(1).map(({ path }) => path);
  const values = vocabulary.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value === undefined
        ? []
        : branch(
            flags.map((flag) => `${path}:${flag}`),
            `${found(value)}; return`,
          ),
    ),
  );
  const words = vocabulary.map(({ path, parts: own, options, argument }) => {
    const flags = options.flatMap((option) => option.flags.map((flag) => described(flag, option.description)));
    const names = own.map(({ name, description }) => described(name, description));
    const others = argument === undefined ? '' : `; ${found(argument)}`;
    return branch(
      [path],
      `if [[ $PREFIX == -* ]]; then words=(${flags.join(' ')}); else words=(${names.join(' ')})${others}; fi`,
    );
  });
  return `#compdef pareidolia
# Completion of pareidolia for zsh: source <(pareidolia completion zsh), behind compinit
_pareidolia() {
  local at= word prev=\${words[CURRENT - 1]}
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    case "\${at:+$at }$word" in
      ${parts.map(quoted).join('|')}) at="\${at:+$at }$word" ;;
    esac
  done
  if [[ $PREFIX == --*=* ]]; then prev=\${PREFIX%%=*}; compset -P 1 '*='; fi
  local -a words
  case "$at:$prev" in
${values.join('\n')}
  esac
  case "$at" in
${words.join('\n')}
  esac
  (( \${#words} )) && _describe 'pareidolia' words
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _pareidolia "$@"; else compdef _pareidolia pareidolia; fi
`;
}

/** For \`_describe\`. */
function described(word: string, description: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${description}`);
}

function found(value: Value): string {
  if (value.kind === 'folder') return '_files -/';
  if (value.kind === 'file') return '_files';
  const names = value.names.map(quoted).join(' ');
  return value.several ? `compset -P '*,'; compadd -S '' -- ${names}` : `compadd -- ${names}`;
}
