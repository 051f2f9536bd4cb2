import { quote } from '../../job/command-line.ts';

/** The command that goes on with a campaign. */
export function resumeWords(out: string): string {
  return `npx pareidolia campaign start --resume --out ${quote(out)}`;
}
