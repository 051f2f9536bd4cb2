import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { describeSettings } from '../settings/settings.ts';
import * as attacks from './index.ts';
import { ATTACKS, attackNamed, pgd, square, uniquelyNamed } from './registry.ts';

describe('the list of attacks', () => {
  it('gives an attack by its name', () => {
    for (const attack of ATTACKS) expect(attackNamed(attack.name)).toBe(attack);
  });

  it('refuses a name that it does not have, and says which it has', () => {
    expect(() => attackNamed('pdg')).toThrow(InputError);
    expect(() => attackNamed('pdg')).toThrow(
      `There is no attack "pdg" (did you mean pgd?); choose one of ${ATTACKS.map(({ name }) => name).join(', ')}`,
    );
  });

  it('refuses two attacks of one name', () => {
    expect(() => uniquelyNamed([pgd, square, { ...square, name: 'pgd' }])).toThrow('Two attacks are named pgd');
  });

  it('holds nothing that cannot be imported by name', () => {
    expect(Object.values(attacks)).toEqual(expect.arrayContaining([...ATTACKS]));
  });

  it.each(ATTACKS)(
    'says of $name what each setting is, with a default within its range',
    ({ name, settings, ...attack }) => {
      for (const setting of describeSettings(settings)) {
        expect(setting.description, setting.name).toMatch(/^\S.{5,80}$/);
        attackNamed(name).prepare({ [setting.name]: setting.default });
      }
      expect(attack.summary).toMatch(/^\S.{10,120}$/);
      expect(attack.paper).toMatch(/\d{4}/);
    },
  );
});
