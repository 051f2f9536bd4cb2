import { InputError, unknownName } from '@pareidolia/core';
import { CLAIMS, type Claim, claimNamed } from '@pareidolia/lab';

/**
 * The claims of names, `all` among them, each once.
 *
 * @throws InputError where one is unknown
 */
export function chooseClaims(names: readonly string[]): readonly Claim[] {
  const chosen = names.flatMap((name) => {
    if (name === 'all') return CLAIMS;
    const found = claimNamed(name);
    if (found !== undefined) return found;
    throw new InputError(unknownName('claim', name, ['all', ...CLAIMS.map((claim) => claim.name)]));
  });
  // A claim may be named twice, also by its earlier name.
  return [...new Set(chosen)];
}
