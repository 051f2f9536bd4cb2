/** @file An encoding as plain data, so that it can be written down and sent to another thread. */

import type { ImageShape } from '../image/images.ts';
import { cppnEncoding } from './cppn/cppn.ts';
import type { CppnOptions } from './cppn/mutation.ts';
import { type DirectOptions, directEncoding } from './direct.ts';
import type { Encoding } from './encoding.ts';

/** Name, image shape and options of an encoding. */
export type EncodingSpec =
  | { readonly name: 'direct'; readonly shape: ImageShape; readonly options: Partial<DirectOptions> }
  | { readonly name: 'cppn'; readonly shape: ImageShape; readonly options: Partial<CppnOptions> };

/** @throws InputError where an option is out of range */
export function createEncoding(spec: EncodingSpec): Encoding {
  return spec.name === 'direct' ? directEncoding(spec.shape, spec.options) : cppnEncoding(spec.shape, spec.options);
}
