/**
 * @file What a thread needs that makes children and their images (`@pareidolia/core/breeding`). It loads a quarter of the modules
 * of the whole core, so that threads start sooner.
 */

export { createEncoding } from './encoding/registry.ts';
export { breed } from './search/breeder.ts';
export { createVariation } from './variation/registry.ts';
