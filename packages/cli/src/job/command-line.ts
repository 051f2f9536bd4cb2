/** @file Commands as a user can type them: what does a job again, and what goes on with it. */

/** The command that goes on with a job: its folder knows the rest. */
export function resumingCommand(kind: string, out: string): string {
  return `npx pareidolia ${kind} --resume --out ${quote(out)}`;
}

/** For a POSIX shell. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
