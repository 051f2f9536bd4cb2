/** @file The completion of bash, from 3.2 on. It looks words up and runs nothing that stands on the line. */

import { branch, quoted } from './shell-words.ts';
import type { CommandWords, Value } from './vocabulary.ts';

/** @param vocabulary the program's first */
export function bashScript(vocabulary: readonly CommandWords[]): string {
  const parts = vocabulary.slice(1).map(({ path }) => path);
  const values = vocabulary.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) => {
      if (value === undefined) return [];
      const patterns = flags.map((flag) => `${path}:${flag}`);
      return branch(patterns, `${found(value)}; return`);
    }),
  );
  const words = vocabulary.map(({ path, parts: own, options, argument }) => {
    const flags = options.flatMap((option) => option.flags);
    const names = [...own.map(({ name }) => name), ...(argument?.kind === 'names' ? argument.names : [])];
    return branch([path], `flags=${quoted(flags.join(' '))}; names=${quoted(names.join(' '))}`);
  });
  return `# Completion of pareidolia for bash: source <(pareidolia completion bash)
_pareidolia_names() {
  # $1: names by spaces; $2: whether several may be given by commas
  local before=
  if [ -n "$2" ] && [[ $cur == *,* ]]; then before="\${cur%,*},"; fi
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "\${cur##*,}"))
}
_pareidolia() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} path= i flags= names=
  COMPREPLY=()
  # --option=value is three words.
  if [ "$cur" = = ]; then cur=; elif [ "$prev" = = ]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "\${path:+$path }\${COMP_WORDS[i]}" in
      ${parts.map(quoted).join('|')}) path="\${path:+$path }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path:$prev" in
${values.join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
  if [[ $cur == -* ]]; then _pareidolia_names "$flags"; else _pareidolia_names "$names"; fi
}
complete -o default -F _pareidolia pareidolia
`;
}

/** Where nothing is found bash looks for files. */
function found(value: Value): string {
  if (value.kind === 'folder') return 'COMPREPLY=($(compgen -d -- "$cur"))';
  if (value.kind === 'file') return ':';
  return `_pareidolia_names ${quoted(value.names.join(' '))}${value.several ? ' several' : ''}`;
}
