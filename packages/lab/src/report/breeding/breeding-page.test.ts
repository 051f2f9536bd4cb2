import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { renderBredGallery } from './breeding-page.ts';

const picture = (value: number) => ({
  channels: 1 as const,
  height: 2,
  width: 2,
  planes: new Uint8Array(4).fill(value),
});
const guess = (className: string, confidence: number) => ({ className, confidence });

const plain = { picture: picture(7), top: [guess('fog', 0.5)], generations: 0, byNetwork: 0, ancestors: [] };

it('a gallery has each image with its ancestors, as pictures inside the page, and what the network sees', () => {
  const page = renderBredGallery({
    network: 'net.onnx',
    stock: 'patterns (CPPNs)',
    images: [
      {
        picture: picture(200),
        top: [guess('zebra', 0.991), guess('fence', 0.004)],
        generations: 2,
        byNetwork: 0,
        ancestors: [
          { picture: picture(10), top: [guess('fog', 0.3)] },
          { picture: picture(90), top: [guess('fence', 0.6)] },
        ],
      },
      plain,
    ],
  });
  const sources = [...page.matchAll(/src="data:image\/png;base64,([^"]+)"/g)].map(([, data]) => data!);
  expect(sources.map((data) => decode(Buffer.from(data, 'base64')).data[0])).toEqual([200, 10, 90, 7]);
  expect(page).toContain('2 images, bred by eye.');
  expect(page).toMatch(/<h2>zebra 99\.1.%<\/h2>/);
  expect(page).toContain('after 2 generations');
  expect(page).toContain('as it came');
  expect(page.replace(/data:image[^"]+/g, '')).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});

it('names are text, whatever stands in them', () => {
  const page = renderBredGallery({
    network: '<script>alert(1)</script>',
    stock: 'patterns',
    images: [{ ...plain, picture: picture(0), top: [guess('<img src=x onerror=y>', 1)] }],
  });
  expect(page).not.toContain('<script>alert');
  expect(page).not.toContain('<img src=x');
});

it('what the network picked is not said to be bred by eye', () => {
  const page = renderBredGallery({
    network: 'net.onnx',
    stock: 'patterns (CPPNs)',
    images: [plain, { ...plain, generations: 3, byNetwork: 1 }],
  });
  expect(page).toContain('2 images, bred by eye and by the network.');
  expect(page).toContain('of which somebody, or the network, picked some');
  expect(page).toContain('after 3 steps, 1 of them by the network');
});
