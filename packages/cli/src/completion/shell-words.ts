/** @file Pieces of scripts for shells. */

/** A word in single quotes, which no POSIX shell looks into. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A branch of `case` for bash and zsh. */
export function branch(patterns: readonly string[], action: string): string {
  return `    ${patterns.map(quoted).join('|')}) ${action} ;;`;
}
