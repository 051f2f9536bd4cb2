/**
 * @file Windows bitmaps: 1, 4, 8, 16, 24 and 32 bits a pixel, RLE and bit fields, rows from the bottom up or from the top.
 * libvips, which reads all other formats, is built without them.
 */

/** An image of 8 bits a value. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  /** `height x width x channels`, row-major; red, green, blue, and alpha where there is one. */
  readonly data: Uint8Array;
}

/** Numbers of the header's field "compression". */
const [RGB, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS] = [0, 1, 2, 3, 6];

/** Size of the oldest header (OS/2 1.x), which has 16-bit lengths and a palette without a fourth byte. */
const CORE_HEADER = 12;

export function isBmp(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Decodes a bitmap.
 *
 * @param mostPixels larger ones are refused before memory is taken
 * @throws Error where it is damaged, too large, or holds JPEG or PNG
 */
export function decodeBmp(bytes: Uint8Array, mostPixels: number): RawImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isBmp(bytes) || bytes.length < 26) throw new Error('it is no complete BMP file');
  const header = view.getUint32(14, true);
  const isCore = header === CORE_HEADER;
  if (!isCore && (header < 40 || bytes.length < 14 + header)) throw new Error('its BMP header is damaged');
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isCore ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? RGB : view.getUint32(30, true);
  if (width < 1 || height < 1) throw new Error('its BMP header is damaged');
  if (width * height > mostPixels) throw new Error('it exceeds the pixel limit');
  const start = view.getUint32(10, true);
  const rows = { width, height, isFlipped: signedHeight > 0 };
  if (bits <= 8) {
    const after = 14 + header;
    const entry = isCore ? 3 : 4;
    const said = isCore ? 0 : view.getUint32(46, true);
    const colors = Math.min(said === 0 ? 1 << bits : said, 256, Math.floor((bytes.length - after) / entry));
    const palette = Array.from({ length: colors }, (_, i) => bytes.subarray(after + i * entry, after + i * entry + 3));
    const indices =
      compression === RGB
        ? packedIndices(bytes.subarray(start), rows, bits)
        : compression === RLE8 || compression === RLE4
          ? runLengthIndices(bytes.subarray(start), rows, compression === RLE4)
          : unknown(compression);
    const data = new Uint8Array(width * height * 3);
    indices.forEach((index, pixel) => {
      const [blue = 0, green = 0, red = 0] = palette[index] ?? [];
      data.set([red, green, blue], pixel * 3);
    });
    return { width, height, channels: 3, data };
  }
  if (compression !== RGB && compression !== BITFIELDS && compression !== ALPHA_BITFIELDS) return unknown(compression);
  return direct(view, start, rows, bits, masksOf(view, header, bits, compression));
}

interface Rows {
  readonly width: number;
  readonly height: number;
  /** Whether the first row of the file is the lowest. */
  readonly isFlipped: boolean;
}

/** Which bits of a pixel are red, green, blue and alpha. */
type Masks = readonly [red: number, green: number, blue: number, alpha: number];

function masksOf(view: DataView, header: number, bits: number, compression: number): Masks {
  if (compression === RGB) return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
  const mask = (index: number): number => view.getUint32(54 + 4 * index, true);
  const hasAlpha = compression === ALPHA_BITFIELDS || header >= 56;
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0];
}

/** Pixels of 16, 24 or 32 bits. */
function direct(view: DataView, start: number, rows: Rows, bits: number, masks: Masks): RawImage {
  const { width, height } = rows;
  if (![16, 24, 32].includes(bits)) throw new Error(`it has ${bits} bits a pixel, which no BMP file has`);
  const stride = Math.ceil((width * bits) / 32) * 4;
  requireBytes(view.byteLength - start, stride * height);
  const channels = masks[3] === 0 ? 3 : 4;
  const data = new Uint8Array(width * height * channels);
  const fields = masks.slice(0, channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, most: mask >>> shift };
  });
  for (let row = 0; row < height; row++) {
    const from = start + (rows.isFlipped ? height - 1 - row : row) * stride;
    for (let x = 0; x < width; x++) {
      const at = from + (x * bits) / 8;
      const pixel =
        bits === 16
          ? view.getUint16(at, true)
          : bits === 32
            ? view.getUint32(at, true)
            : view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      fields.forEach(({ mask, shift, most }, channel) => {
        const value = most === 0 ? 0 : Math.round((255 * ((pixel & mask) >>> shift)) / most);
        data[(row * width + x) * channels + channel] = value;
      });
    }
  }
  return { width, height, channels, data };
}

/** Places in the palette, row by row from the top, of 1, 2, 4 or 8 bits. */
function packedIndices(bytes: Uint8Array, { width, height, isFlipped }: Rows, bits: number): Uint8Array {
  if (![1, 2, 4, 8].includes(bits)) throw new Error(`it has ${bits} bits a pixel, which no BMP file has`);
  const stride = Math.ceil((width * bits) / 32) * 4;
  requireBytes(bytes.length, stride * height);
  const indices = new Uint8Array(width * height);
  const perByte = 8 / bits;
  for (let row = 0; row < height; row++) {
    const from = (isFlipped ? height - 1 - row : row) * stride;
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits * ((x % perByte) + 1);
      indices[row * width + x] = (bytes[from + Math.floor(x / perByte)]! >> shift) & ((1 << bits) - 1);
    }
  }
  return indices;
}

/** Places in the palette, of runs. Pixels that no run reaches are of color 0. */
function runLengthIndices(bytes: Uint8Array, { width, height, isFlipped }: Rows, isNibbles: boolean): Uint8Array {
  const indices = new Uint8Array(width * height);
  let [x, row, at] = [0, 0, 0];
  const put = (index: number): void => {
    if (x < width && row < height) indices[(isFlipped ? height - 1 - row : row) * width + x] = index;
    x++;
  };
  while (at + 1 < bytes.length && row < height) {
    const [count, value] = [bytes[at]!, bytes[at + 1]!];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(isNibbles ? (i % 2 === 0 ? value >> 4 : value & 15) : value);
    } else if (value === 0) {
      x = 0;
      row++;
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      x += bytes[at] ?? 0;
      row += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      for (let i = 0; i < value; i++) {
        const byte = bytes[at + (isNibbles ? i >> 1 : i)] ?? 0;
        put(isNibbles ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
      }
      const length = isNibbles ? Math.ceil(value / 2) : value;
      at += length + (length % 2);
    }
  }
  return indices;
}

function requireBytes(there: number, needed: number): void {
  if (there < needed) throw new Error(`it ends early: ${Math.max(0, there)} of ${needed} bytes of pixels are there`);
}

function unknown(compression: number): never {
  throw new Error(`its BMP compression ${compression} is not read`);
}
