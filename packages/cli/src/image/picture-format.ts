/** @file What a picture is that cannot be read, and how to convert it. */

/** Brands of ISO base media files (ISO/IEC 23008-12) whose pictures are coded with HEVC. */
const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/** Names of formats with the bytes that they begin with. */
const SIGNATURES: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['JPEG XL', [0xff, 0x0a]],
  ['JPEG XL', [0, 0, 0, 0x0c, 0x4a, 0x58, 0x4c, 0x20]],
  ['JPEG 2000', [0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20]],
  ['JPEG 2000', [0xff, 0x4f, 0xff, 0x51]],
  ['PDF', [0x25, 0x50, 0x44, 0x46]],
  ['a Photoshop document', [0x38, 0x42, 0x50, 0x53]],
  ['compressed with gzip, as SVGZ is', [0x1f, 0x8b]],
];

/** Bytes in which an SVG file has its root element. */
const SVG_HEAD = 4096;

/** Whether a file is SVG: text that begins with `<` and has an element `svg` near its beginning. */
export function isSvg(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, SVG_HEAD)).trimStart();
  return head.startsWith('<') && /<(\w+:)?svg[\s>]/.test(head);
}

/** What a file is that sharp cannot decode, and how to convert it: a phrase. `undefined` where it is none of these. */
export function undecodable(bytes: Uint8Array): string | undefined {
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  if (text(4, 8) === 'ftyp' && HEIC_BRANDS.includes(text(8, 12))) {
    return 'it is HEIC, which this build of sharp cannot decode; convert it to JPEG, for example with heif-convert a.heic a.jpg (libheif), or sips -s format jpeg a.heic --out a.jpg on a Mac';
  }
  const found = SIGNATURES.find(([, signature]) => signature.every((byte, i) => bytes[i] === byte));
  return found === undefined
    ? undefined
    : `it is ${found[0]}, which this build of sharp cannot decode; convert it to PNG or JPEG`;
}
