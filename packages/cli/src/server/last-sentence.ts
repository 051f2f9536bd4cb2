/** The last sentence of the program's own in what a process has said; a stack may follow it. */
export function lastSentence(said: string): string | undefined {
  const lines = said.split(/[\r\n]+/).filter((line) => /^pareidolia( failed)?: /.test(line));
  return lines.at(-1)?.replace(/^pareidolia( failed)?: /, '');
}
