/** @file Plain data that can be written down and read back to the same bits. */

/** JSON, with bytes and 32-bit floats. */
export type Recordable =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | Float32Array
  | readonly Recordable[]
  | { readonly [key: string]: Recordable };
