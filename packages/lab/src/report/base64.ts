/** Bytes in one call; engines limit the number of arguments. */
const CHUNK = 0x2000;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODES = Array.from(ALPHABET, (character) => character.charCodeAt(0));
const PADDING = '='.charCodeAt(0);

/** Base64 of RFC 4648, with padding. Node and browsers share no function for it before Node 25. */
export function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let from = 0, at = 0; from < bytes.length; from += 3, at += 4) {
    const [a, b, c] = [bytes[from]!, bytes[from + 1], bytes[from + 2]];
    codes[at] = CODES[a >> 2]!;
    codes[at + 1] = CODES[((a & 3) << 4) | ((b ?? 0) >> 4)]!;
    codes[at + 2] = b === undefined ? PADDING : CODES[((b & 15) << 2) | ((c ?? 0) >> 6)]!;
    codes[at + 3] = c === undefined ? PADDING : CODES[c & 63]!;
  }
  let text = '';
  for (let from = 0; from < codes.length; from += CHUNK) {
    text += String.fromCharCode(...codes.subarray(from, from + CHUNK));
  }
  return text;
}
