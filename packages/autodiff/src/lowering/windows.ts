/** @file The windows of a composite operator, which says them all. */

import type { Node } from '../model/model.ts';
import { intsAttribute } from '../operators/attributes.ts';
import { type Windows, windowsOf } from '../operators/windows.ts';

/** Windows with explicit padding. */
export function windowsIn(node: Node): Windows {
  return windowsOf(node, intsAttribute(node, 'kernel_shape') ?? [], [])!;
}
