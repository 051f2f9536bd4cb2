import { describe, expect, it } from 'vitest';
import { ATTACKS, attackNamed } from '../registry.ts';
import { checkAccess } from './check-request.ts';

const noGradient = 'api.example answers with scores only';
const labels = { answers: 'labels', noGradient } as const;

/** Whether an attack is taken. */
function takes(model: Parameters<typeof checkAccess>[0], name: string): boolean {
  try {
    checkAccess(model, attackNamed(name));
    return true;
  } catch {
    return false;
  }
}

describe('what an attack has to see', () => {
  it.each([
    ['everything', {}, ['gradients', 'scores', 'decisions']],
    ['scores', { noGradient }, ['scores', 'decisions']],
    ['labels', labels, ['decisions']],
  ])('is held against a model that shows %s', (_, model, allowed) => {
    const taken = ATTACKS.filter(({ name }) => takes(model, name));
    expect(taken).toEqual(ATTACKS.filter(({ access }) => allowed.includes(access)));
  });

  it.each([
    ['square', labels, ['decisions']],
    ['pgd', { noGradient }, ['scores', 'decisions']],
  ] as const)('is told in a sentence that names all attacks that work instead of %s', (name, model, allowed) => {
    let message = '';
    try {
      checkAccess(model, attackNamed(name));
    } catch (error) {
      message = (error as Error).message;
    }
    const others = ATTACKS.filter((attack) => (allowed as readonly string[]).includes(attack.access));
    for (const other of others) expect(message).toMatch(new RegExp(`\\b${other.name}\\b`));
    expect(message).toContain(`${name} needs`);
  });
});
