/**
 * @file The texts in a PNG file, without its picture: a few bytes of compressed pixels can stand for gigabytes, and nothing of
 * them is needed. The format: https://www.w3.org/TR/png-3/, sections 5.3 and 11.3.3.
 */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes of a chunk beside its data: length, type and checksum. */
const FRAME = 12;

/** Whether a file begins as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * The first text (`tEXt` chunk) of a keyword in a PNG.
 *
 * @returns undefined where there is none before the end of the file, or the file is damaged before it comes
 */
export function pngText(bytes: Uint8Array, keyword: string): string | undefined {
  if (!isPng(bytes)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; at + FRAME <= bytes.length; ) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) return undefined;
    const type = latin1(bytes.subarray(at + 4, at + 8));
    if (type === 'IEND') return undefined;
    const data = bytes.subarray(at + 8, end);
    if (type === 'tEXt' && data[keyword.length] === 0 && latin1(data.subarray(0, keyword.length)) === keyword) {
      return latin1(data.subarray(keyword.length + 1));
    }
    at = end + 4;
  }
  return undefined;
}

/** ISO 8859-1, in which each byte is the character of the same number. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192) {
    text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  }
  return text;
}
