import { readFileSync } from 'node:fs';
import { drawDigits, localBreeder } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { afterEach, expect, it, vi } from 'vitest';
import type { StudioEvent } from './protocol.ts';
import { Studio } from './studio.ts';

const bytes = new Uint8Array(readFileSync(new URL('../../../core/assets/lenet-digits.onnx', import.meta.url)));

const events: StudioEvent[] = [];
const studio = new Studio({
  host: {
    version: '0',
    engine: 'server',
    runtime: nodeRuntime(),
    device: 'cpu',
    threads: 1,
    missing: [],
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    now: () => performance.now(),
    emit: (event) => events.push(event),
    breeder: localBreeder,
  },
});
afterEach(() => studio.dispose());

const load = async (name: string): Promise<string> =>
  (await studio.models.load(name, bytes, { color: 'grey', dataset: name })).id;
const opened = () => studio.models.list().map(({ name }) => name);

it('a network that is attacked stays when others come, and the ninth is refused where all eight are at work', async () => {
  const ids: string[] = [];
  for (let i = 1; i <= 8; i++) ids.push(await load(`net ${i}`));
  const { data: images } = drawDigits(1, 1).images;
  // Square with that many queries goes on until it is stopped: an epsilon of 0 is never enough.
  await studio.call('attack.start', {
    job: 'long',
    model: ids[1]!,
    image: images,
    label: 0,
    attack: 'pgd',
    norm: 'linf',
    epsilon: 0,
    settings: { steps: 100_000 },
    seed: 1,
    budget: 1_000_000,
  });

  // The first stays, the second is at work: the third goes.
  await load('net 9');
  expect(opened()).toEqual(['net 1', 'net 2', 'net 4', 'net 5', 'net 6', 'net 7', 'net 8', 'net 9']);

  const releases = studio.models.list().map(({ id }) => studio.models.hold(id));
  await expect(load('net 10')).rejects.toThrow(
    /^net 10 cannot be opened: 8 networks are open, and all of them are at work; stop an attack or a search/,
  );
  expect(opened()).toHaveLength(8);
  releases[4]!();
  await load('net 11');
  expect(opened()).toEqual(['net 1', 'net 2', 'net 4', 'net 5', 'net 7', 'net 8', 'net 9', 'net 11']);

  expect(events.filter(({ type }) => type === 'attacked')).toEqual([]);
  await studio.call('attack.stop', { job: 'long' });
  while (!events.some(({ type }) => type === 'attacked')) await new Promise((wake) => setTimeout(wake, 5));
  expect(events.find(({ type }) => type === 'attacked')).toMatchObject({ error: 'The attack was stopped' });
});

it.each(['a\u0000b', 'a\nb', '\u001b[2J', '\u009b'])(
  'a name with control characters such as %j is refused',
  async (name) => {
    await expect(studio.call('models.load', { name, bytes })).rejects.toThrow(
      'models.load: name has control characters',
    );
  },
);

it('a file that is brought twice is one network, and another card makes it another', async () => {
  const first = await studio.models.load('a.onnx', bytes, { color: 'grey' });
  expect((await studio.models.load('again.onnx', bytes)).id).toBe(first.id);
  expect((await studio.models.load('again.onnx', bytes, { color: 'grey' })).id).toBe(first.id);
  expect((await studio.models.load('other.onnx', bytes, { color: 'grey', mean: 0.5 })).id).not.toBe(first.id);
  expect(opened()).toEqual(['a.onnx', 'other.onnx']);
});

it('where there are no digests, as in pages over plain HTTP, another file is never taken for one that is open', async () => {
  vi.stubGlobal('crypto', {});
  try {
    const first = await studio.models.load('a.onnx', bytes, { color: 'grey' });
    const second = await studio.models.load('b.onnx', bytes);
    expect(second.id).not.toBe(first.id);
    expect(second.name).toBe('b.onnx');
  } finally {
    vi.unstubAllGlobals();
  }
});
