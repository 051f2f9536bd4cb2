import { InputError } from '@pareidolia/core';
import type { ObjectStore } from '../store/store.ts';

/**
 * An object of the campaign's own folder.
 *
 * @throws InputError where it is gone
 */
export async function ownObject(hash: string, objects: Pick<ObjectStore, 'get' | 'where'>): Promise<Uint8Array> {
  const bytes = await objects.get(hash);
  if (bytes !== undefined) return bytes;
  throw new InputError(
    `${objects.where} lacks the object ${hash.slice(0, 12)}..., which is damaged or gone; remove the lines of its units from the journal to do them again`,
  );
}
