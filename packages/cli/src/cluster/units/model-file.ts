import type { ModelFile } from '../../model/model-file.ts';
import type { ResolvedModel } from '../plan/resolved-plan.ts';

/** A model of a plan as if it was read from a file: it comes by its hash, and has no path. */
export function modelFileOf({ name, sha256, card, notices }: ResolvedModel, bytes: Uint8Array) {
  return {
    path: undefined,
    name,
    bytes,
    sha256,
    weights: new Map<string, string>(),
    externalData: () => undefined,
    card,
    notices,
  } satisfies Partial<ModelFile>;
}
