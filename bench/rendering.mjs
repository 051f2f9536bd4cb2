/**
 * @file Making images on one core: the CPPN kernel in ns per pixel and computed node, everything included (aim <= 1.3; 1.0
 * is the measured limit of 128-bit SIMD) and beside its plain twin (aim >= 15 times), and children of both encodings.
 */

import { cppnEncoding, directEncoding, fromCppnDocument, Random, renderCppn, renderCppnPlain } from '@pareidolia/core';
import { race } from './timing.mjs';

const SHAPES = [
  { channels: 1, height: 28, width: 28 },
  { channels: 3, height: 224, width: 224 },
  { channels: 3, height: 256, width: 256 },
];

export async function bench(print) {
  for (const shape of SHAPES) {
    const pixels = shape.height * shape.width;
    for (const nodes of [5, 10, 20, 50]) {
      const cppn = network(nodes, shape.channels);
      const image = new Uint8Array(shape.channels * pixels);
      const repeats = Math.ceil(4e6 / (pixels * nodes));
      const best = await race(
        {
          kernel() {
            for (let i = 0; i < repeats; i++) renderCppn(cppn, shape, image);
          },
          plain: () => renderCppnPlain(cppn, shape, image),
        },
        { rounds: 20, seconds: 4 },
      );
      const kernel = best.kernel / repeats;
      print(
        `${name(shape)}, ${String(nodes).padStart(2)} nodes: ${((kernel * 1e6) / pixels / nodes).toFixed(2)} ns per pixel and node, ${(best.plain / kernel).toFixed(0)} times the plain twin`,
      );
    }
  }
  for (const shape of [SHAPES[0], SHAPES[2]]) {
    for (const encoding of [directEncoding(shape), cppnEncoding(shape)]) {
      print(
        `${name(shape)}, ${encoding.name}: ${await child(encoding)} microseconds a child, from packed parent to image`,
      );
    }
  }
}

/** A network in which every node counts: each draws on the one before, on two others above it, and on the bias. */
function network(count, outputs) {
  const random = Random.stream(1, count);
  const above = ['x', 'y', 'd'];
  const last = outputs === 1 ? ['grey'] : ['hue', 'saturation', 'value'];
  const nodes = Array.from({ length: count }, (_, i) => {
    const hidden = Math.min(above.length, 3 + count - outputs);
    const from = { bias: weight(random), [above[hidden - 1]]: weight(random) };
    for (let k = 0; k < 2; k++) from[above[random.integer(hidden)]] = weight(random);
    const name = i < count - outputs ? `h${i}` : last[i - count + outputs];
    above.push(name);
    return { name, function: ['sine', 'sigmoid', 'gaussian', 'ramp'][random.integer(4)], from };
  });
  return fromCppnDocument({ format: 'pareidolia-cppn', version: 1, nodes });
}

function weight(random) {
  return 6 * random.uniform() - 3;
}

/** Children of parents that are 40 generations old, in batches of 200. */
async function child(encoding) {
  const { channels, height, width } = encoding.shape;
  const images = new Uint8Array(200 * channels * height * width);
  const parents = Array.from({ length: 200 }, (_, i) => {
    let genome = encoding.random(Random.stream(2, i));
    for (let age = 0; age < 40; age++) genome = encoding.mutate(genome, Random.stream(2, i, age), 1);
    return encoding.pack(genome);
  });
  const best = await race(
    {
      batch() {
        const genomes = parents.map((parent, i) => encoding.mutate(encoding.unpack(parent), Random.stream(3, i), 1));
        encoding.render(genomes, images);
        for (const genome of genomes) encoding.pack(genome);
      },
    },
    { rounds: 50, seconds: 4 },
  );
  return ((best.batch * 1000) / 200).toFixed(1);
}

function name({ channels, height, width }) {
  return `${channels === 1 ? 'grey' : 'color'} ${height}x${width}`;
}
