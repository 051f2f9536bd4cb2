import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GRADIENT_RULES } from './rules.ts';

const here = new URL('.', import.meta.url);
const tests = readdirSync(here)
  .filter((name) => name.endsWith('.test.ts') && name !== 'rules.test.ts' && name !== 'coverage.test.ts')
  .map((name) => readFileSync(new URL(name, here), 'utf8'))
  .join('\n');

it('every operator that has a gradient rule is held against differences over random shapes', () => {
  const untested = Object.keys(GRADIENT_RULES).filter(
    (opType) => !tests.includes(`'${opType}'`) && !new RegExp(`^  ${opType}: \\[`, 'm').test(tests),
  );
  expect(untested).toEqual([]);
});

it('the README lists the operators that have a gradient rule, and no others', () => {
  const readme = readFileSync(new URL('../../README.md', here), 'utf8');
  const section = readme.split('## Operators with a gradient')[1]!;
  const rows = [...section.matchAll(/^\| [a-z ]+ \| ([A-Z].*) \|$/gm)];
  const listed = rows.flatMap(([, operators = '']) => operators.split(', '));
  expect(listed.sort()).toEqual(Object.keys(GRADIENT_RULES).sort());
});
