import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { UNDERSTOOD } from '../packages/core/src/classifier/understood.ts';

const path = join(process.cwd(), 'README.md');
const [BEGIN, END] = ['<!-- what is understood: begin -->\n', '<!-- what is understood: end -->'];

it('README.md has the table of what is understood, made from the code that decides (vitest -u writes it)', async () => {
  const [before, rest] = readFileSync(path, 'utf8').split(BEGIN);
  const after = rest?.split(END)[1];
  expect(after).toBeDefined();
  const rows = [
    ['what you bring', 'what is done with it'],
    ['---', '---'],
    ...UNDERSTOOD.map(({ what, how }) => [what, how]),
  ];
  const table = `\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n`;
  await expect(`${before}${BEGIN}${table}${END}${after}`).toMatchFileSnapshot(path);
});
