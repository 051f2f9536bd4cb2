import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { requirePicture } from './picture-size.ts';
import { encodePng, readDocument } from './png.ts';
import { pngText } from './png-text.ts';

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** A PNG of one grey channel with any size in its header, any pixels, and any chunks. */
function png(width: number, height: number, pixels: Uint8Array, ...more: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const end = chunk('IEND', new Uint8Array());
  return Buffer.concat([signature, chunk('IHDR', header), ...more, chunk('IDAT', deflateSync(pixels)), end]);
}

const text = (keyword: string, value: string): Buffer => chunk('tEXt', Buffer.from(`${keyword}\0${value}`, 'latin1'));
const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = 'it.png'): File => new File([bytes], name);

it('the genome in a PNG is found beside other texts, and in one that was written here', async () => {
  const other = png(1, 1, Uint8Array.of(0, 7), text('Author', 'x'), text('pareidolia-cppn', '{"a":1}'));
  expect(await readDocument(fileOf(new Uint8Array(other)))).toEqual({ a: 1 });
  const written = encodePng(
    Uint8Array.of(1, 2),
    { channels: 1, height: 1, width: 2 },
    { format: 'pareidolia-latent', deep: ['é'] },
  );
  expect(await readDocument(new File([written], 'own.png'))).toEqual({ format: 'pareidolia-latent', deep: ['é'] });
  await expect(readDocument(fileOf(new Uint8Array(png(1, 1, Uint8Array.of(0, 7)))))).rejects.toThrow(
    'it.png is an image without a genome in it',
  );
});

it('no pixels are made for a genome: a picture of 2^31 - 1 pixels, or of a gigabyte that is packed, is only walked over', () => {
  const wide = png(2 ** 31 - 1, 1, new Uint8Array(100), text('pareidolia-cppn', '1'));
  expect(pngText(wide, 'pareidolia-cppn')).toBe('1');
  // 64 MB of zeros in 64 kB.
  const packed = png(8, 8, new Uint8Array(64 * 1024 * 1024), text('pareidolia-cppn', '2'));
  const before = process.memoryUsage().arrayBuffers;
  expect(pngText(packed, 'pareidolia-cppn')).toBe('2');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
});

it('a PNG that is cut off or changed anywhere is a PNG without a text, or with one', () => {
  const whole = png(1, 1, Uint8Array.of(0, 7), text('Author', 'x'), text('pareidolia-cppn', '{"a":1}'));
  for (let length = 0; length < whole.length; length++) {
    const found = pngText(whole.subarray(0, length), 'pareidolia-cppn');
    expect([undefined, '{"a":1}']).toContain(found);
  }
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const bytes = Uint8Array.from(whole);
      bytes[at] = value;
      const found = pngText(bytes, 'pareidolia-cppn');
      return found === undefined || found.length <= whole.length;
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['wide', png(2 ** 31 - 1, 1, new Uint8Array(9)), 'it has 2147483647 x 1 pixels; choose a smaller image'],
  ['high', png(1, 40_000, new Uint8Array(9)), 'it has 1 x 40000 pixels'],
  ['large', png(30_000, 30_000, new Uint8Array(9)), 'it has 30000 x 30000 pixels'],
  ['empty', png(0, 5, new Uint8Array(9)), 'it is no image that this browser can open'],
  ['a drawing', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'it is a drawing (SVG)'],
  ['text', Buffer.from('hello'), 'it is no image that this browser can open'],
  ['nothing', Buffer.alloc(0), 'it is no image that this browser can open'],
])('a picture that is %s is told so by its header', (_, bytes, message) => {
  expect(() => requirePicture(bytes, 'it')).toThrow(message);
});

it('an ordinary picture passes', () => {
  expect(() => requirePicture(png(10_000, 10_000, new Uint8Array(9)), 'it')).not.toThrow();
});
