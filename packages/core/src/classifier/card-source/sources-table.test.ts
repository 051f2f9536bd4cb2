import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { METADATA_KEYS } from './metadata.ts';
import { SIDECARS } from './sidecars.ts';

const path = join(process.cwd(), 'docs', 'model-card.md');
const [BEGIN, END] = ['<!-- what is read: begin -->\n', '<!-- what is read: end -->'];

/** What is read where a card leaves fields open, as Markdown. */
function table(): string {
  const rows = [
    ['where', 'written by', 'what is read'],
    ['---', '---', '---'],
    ...METADATA_KEYS.map(({ key, writtenBy, reads }) => [`metadata \`${key}\``, writtenBy, reads]),
    ...SIDECARS.map(({ files, name, reads }) => [files.map((file) => `\`${file}\``).join(', '), name, reads]),
  ];
  return `\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n\n`;
}

it('docs/model-card.md has the table of what is read (vitest -u writes it)', async () => {
  const text = readFileSync(path, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  expect(after).toBeDefined();
  await expect(`${before}${BEGIN}${table()}${END}${after}`).toMatchFileSnapshot(path);
});
