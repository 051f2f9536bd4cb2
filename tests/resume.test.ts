import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGenerator } from '../packages/core/src/testing/small-generator.ts';
import { digests, type Ended, type Faults, pareidolia, temporaryFolder } from './support/command.ts';
import { killAtMoments } from './support/kills.ts';
import { writeTinyNetwork } from './support/networks.ts';

const folder = temporaryFolder();
const model = writeTinyNetwork(join(folder.path, 'tiny.onnx'), { classes: 6 });
const generator = join(folder.path, 'generator.onnx');
writeFileSync(generator, smallGenerator(5, 8));
const out = (name: string): string => join(folder.path, name);

const METHODS = {
  cppn: ['--emitter', 'mutation', '--encoding', 'cppn', '--generations', '6', '--batch', '16'],
  auto: ['--emitter', 'auto', '--encoding', 'cppn', '--generations', '6', '--batch', '16'],
  direct: ['--emitter', 'mutation', '--encoding', 'direct', '--generations', '6', '--batch', '16'],
  grid: [
    ...['--emitter', 'mutation', '--encoding', 'direct', '--archive', 'grid'],
    ...['--generations', '6', '--batch', '16'],
    ...['--measures', 'contrast,hidden-1', '--set', 'cells=4'],
  ],
  ascent: ['--encoding', 'ascent', '--generations', '20', '--batch', '4', '--starts', '2'],
  latent: ['--generator', generator, '--generations', '6', '--batch', '16'],
  'latent-ascent': [
    ...['--generator', generator, '--emitter', 'gradient-ascent', '--generations', '20'],
    ...['--batch', '4', '--starts', '2'],
  ],
} as const;

function fool(
  name: string,
  method: keyof typeof METHODS,
  more: readonly string[] = [],
  faults?: Faults,
): Promise<Ended> {
  const fixed = ['fool', '--model', model, '--out', out(name), '--threads', '1', '--checkpoint-every', '0'];
  return pareidolia([...fixed, ...METHODS[method], ...more], faults === undefined ? {} : { faults });
}

/** What must not differ: the elites, which are files in a folder, and the record of births. */
function outcome(name: string): unknown {
  const map = join(out(name), 'map');
  return {
    elites: digests(join(out(name), 'elites')),
    map: existsSync(map) ? digests(map) : null,
    births: readFileSync(join(out(name), 'births.jsonl'), 'utf8'),
  };
}

/** History without the time it took. */
function history(name: string): unknown[] {
  const lines = readFileSync(join(out(name), 'history.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }));
}

beforeAll(async () => {
  for (const method of ['cppn', 'auto', 'direct', 'grid', 'ascent', 'latent', 'latent-ascent'] as const) {
    expect(await fool(`alone-${method}`, method)).toMatchObject({ code: 0 });
  }
});
afterAll(folder.remove);

describe('a run that is killed', () => {
  // The accesses to the disk at which the process dies, a write with half of its bytes done; spread over the whole run.
  it.each([
    ['cppn', 8],
    ['auto', 4],
    ['direct', 4],
    ['grid', 4],
    ['ascent', 4],
    ['latent', 3],
    ['latent-ascent', 3],
  ] as const)('at any access to the disk is resumed to the same bytes (%s)', async (method, moments) => {
    const killed = await killAtMoments({
      folder: (name) => out(`${method}-${name}`),
      run: (name, faults) => fool(`${method}-${name}`, method, [], faults),
      watched: 'folder',
      moments,
      count: out(`${method}-count`),
    });
    for (const { at, name } of killed) {
      const resumed = await fool(`${method}-${name}`, method, ['--resume']);
      expect({ at, code: resumed.code, stderr: resumed.stderr }).toMatchObject({ at, code: 0 });
      expect({ at, ...(outcome(`${method}-${name}`) as object) }).toEqual({
        at,
        ...(outcome(`alone-${method}`) as object),
      });
      expect(history(`${method}-${name}`)).toEqual(history(`alone-${method}`));
    }
  });

  it('by the clock, again and again, comes to the same bytes in the end', async () => {
    const more = ['--generations', '120'];
    expect(await fool('clock-alone', 'cppn', more)).toMatchObject({ code: 0 });
    let kills = 0;
    let ended: Ended;
    do {
      ended = await pareidolia(
        ['fool', '--model', model, '--out', out('clock'), '--threads', '1', '--checkpoint-every', '0'].concat(
          METHODS.cppn,
          more,
          kills === 0 ? [] : ['--resume'],
        ),
        // Once in its first generations for certain, and then wherever it is by the clock.
        kills === 0
          ? { faults: { FAULT: 'kill 40', FAULT_FOLDER: out('clock') } }
          : {
              started: (child) => {
                // Its first words come when the search begins.
                if (kills < 4) child.stderr?.once('data', () => setTimeout(() => child.kill('SIGKILL'), 60 * kills));
              },
            },
      );
      if (ended.signal === 'SIGKILL') kills++;
    } while (ended.signal === 'SIGKILL');
    expect(ended).toMatchObject({ code: 0 });
    expect(kills).toBeGreaterThan(0);
    expect(outcome('clock')).toEqual(outcome('clock-alone'));
  });
});

describe('a run of a version that did not note who made what', () => {
  const born = (name: string): Record<string, unknown>[] =>
    readFileSync(join(out(name), 'births.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const bare = ({ emitter: _, given: __, ...birth }: Record<string, unknown>): unknown => birth;

  it('is resumed to the same images, and notes it from there on', async () => {
    cpSync(out('alone-auto'), out('former'), { recursive: true });
    const lines = born('former').map((birth) => `${JSON.stringify(bare(birth))}\n`);
    writeFileSync(join(out('former'), 'births.jsonl'), lines.join(''));
    const path = join(out('former'), 'checkpoint.json');
    const checkpoint = JSON.parse(JSON.parse(readFileSync(path, 'utf8')).body);
    checkpoint.logs.births = Buffer.byteLength(lines.join(''));
    const body = JSON.stringify(checkpoint);
    writeFileSync(path, JSON.stringify({ sha256: createHash('sha256').update(body).digest('hex'), body }));
    const more = ['--resume', '--generations', '12'];
    expect(await fool('former', 'auto', more)).toMatchObject({ code: 0 });
    cpSync(out('alone-auto'), out('longer'), { recursive: true });
    expect(await fool('longer', 'auto', more)).toMatchObject({ code: 0 });
    expect(digests(join(out('former'), 'elites'))).toEqual(digests(join(out('longer'), 'elites')));
    const [former, longer] = [born('former'), born('longer')];
    expect(former.length).toBeGreaterThan(lines.length);
    expect(former.slice(0, lines.length)).toEqual(longer.slice(0, lines.length).map(bare));
    expect(former.slice(lines.length)).toEqual(longer.slice(lines.length));
    for (const { emitter } of longer) expect(['cppn-gradient', 'least-certain', 'mutation']).toContain(emitter);
  });
});

describe('Ctrl-C', () => {
  it('saves, says how to go on, and that is enough to come to the same bytes', async () => {
    const long = ['--generations', '400'];
    const stopped = await pareidolia(
      [
        'fool',
        '--model',
        model,
        '--out',
        out('stopped'),
        '--threads',
        '1',
        '--encoding',
        'cppn',
        '--batch',
        '16',
        '--checkpoint-every',
        '0',
        ...long,
      ],
      // Where one of its first generations is written down.
      { faults: { FAULT: 'interrupt 20', FAULT_FOLDER: join(out('stopped'), 'history.jsonl') } },
    );
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(stopped.stderr).toContain(`pareidolia fool --resume --out ${out('stopped')}`);
    expect(await pareidolia(['fool', '--resume', '--out', out('stopped')])).toMatchObject({ code: 0 });
    await pareidolia([
      'fool',
      '--model',
      model,
      '--out',
      out('unstopped'),
      '--batch',
      '16',
      ...long,
      '--checkpoint-every',
      '100',
    ]);
    expect(outcome('stopped')).toEqual(outcome('unstopped'));
  });
});

describe('a run that has ended', () => {
  it('is only told again when it is resumed', async () => {
    const before = outcome('alone-cppn');
    const again = await pareidolia(['fool', '--resume', '--out', out('alone-cppn'), '--json']);
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(join(out('alone-cppn'), 'result.json'), 'utf8')));
    expect(outcome('alone-cppn')).toEqual(before);
  });

  it('grows to what a longer run would have been', async () => {
    expect(await fool('grown', 'cppn', ['--generations', '3'])).toMatchObject({ code: 0 });
    expect(await fool('grown', 'cppn', ['--resume'])).toMatchObject({ code: 0 });
    expect(outcome('grown')).toEqual(outcome('alone-cppn'));
    const config = JSON.parse(readFileSync(join(out('grown'), 'config.json'), 'utf8'));
    expect(config.settings.generations).toBe(6);
    const shrunk = await fool('grown', 'cppn', ['--resume', '--generations', '5']);
    expect(shrunk).toMatchObject({ code: 2, stderr: expect.stringContaining('a resumed search can only grow') });
  });
});

describe('threads', () => {
  it.each(['cppn', 'direct', 'ascent'] as const)('make no difference to the bytes (%s)', async (method) => {
    expect(await fool(`two-${method}`, method, ['--threads', '2'])).toMatchObject({ code: 0 });
    expect(outcome(`two-${method}`)).toEqual(outcome(`alone-${method}`));
  });
});

describe('resuming', () => {
  it.each([
    ['another seed', ['--seed', '2'], 'another --seed (1, now 2)'],
    ['another encoding', ['--encoding', 'direct'], 'another --encoding ("cppn", now "direct")'],
    ['other classes', ['--classes', '1,2'], 'another --classes'],
    ['another batch', ['--batch', '17'], 'another --batch (16, now 17)'],
    ['another setting', ['--set', 'eta=3'], 'another --set ({"eta":15}, now {"eta":3})'],
    [
      'another emitter',
      ['--emitter', 'gradient-ascent', '--encoding', 'pixels'],
      'another --emitter ("mutation", now "gradient-ascent")',
    ],
  ])('with %s is refused', async (_, more, message) => {
    const before = digests(join(out('alone-cppn'), 'elites'));
    const refused = await fool('alone-cppn', 'cppn', ['--resume', ...more]);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(digests(join(out('alone-cppn'), 'elites'))).toEqual(before);
  });

  it.each([
    ['an encoding', { encoding: 'wavelet' }, 'config.json: There is no encoding "wavelet"; choose one of cppn'],
    ['an emitter', { emitter: 'wavelet' }, 'config.json: There is no emitter "wavelet"; choose one of mutation'],
    ['an archive', { archive: 'wavelet' }, 'config.json: There is no archive "wavelet"; choose one of classes'],
    ['a setting', { set: { wavelet: 1 } }, 'config.json: There is no setting wavelet'],
    ['a class', { classes: [0, 99] }, 'config.json names class 99'],
    ['fewer classes', { classes: [0] }, 'has 6 cells, its configuration 1 classes'],
  ])('a folder whose configuration names %s that is not there is refused', async (what, change, message) => {
    const name = `named-${what}`;
    cpSync(out('alone-cppn'), out(name), { recursive: true });
    const path = join(out(name), 'config.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...config, settings: { ...config.settings, ...change } }));
    const refused = await pareidolia(['fool', '--resume', '--out', out(name)]);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('with another model is refused', async () => {
    const other = writeTinyNetwork(out('other.onnx'), { classes: 6, seed: 2 });
    const refused = await pareidolia(['fool', '--out', out('alone-cppn'), '--resume', '--model', other]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('another model') });
    // With --model twice the two would be fooled together.
    const both = await fool('alone-cppn', 'cppn', ['--resume', '--model', other]);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('another model') });
    const looking = await fool('alone-cppn', 'cppn', ['--resume', '--transfer', other]);
    expect(looking).toMatchObject({ code: 2, stderr: expect.stringContaining('another model') });
  });

  it('a damaged checkpoint is refused', async () => {
    expect(await fool('damaged', 'cppn')).toMatchObject({ code: 0 });
    const path = join(out('damaged'), 'checkpoint.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"evaluations\\":112', '"evaluations\\":113'));
    const refused = await fool('damaged', 'cppn', ['--resume']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/checkpoint.json is damaged/) });
  });

  it('with damaged genomes is refused', async () => {
    expect(await fool('rotten', 'cppn')).toMatchObject({ code: 0 });
    const path = join(out('rotten'), 'genomes-0.pack');
    const bytes = readFileSync(path);
    // The last genome that was written is alive, whatever others are.
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    const refused = await fool('rotten', 'cppn', ['--resume']);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/genomes-0.pack is damaged/) });
  });
});

describe('a folder in use', () => {
  it('is refused to a second process, and taken over from a dead one', async () => {
    expect(await fool('shared', 'cppn')).toMatchObject({ code: 0 });
    writeFileSync(join(out('shared'), 'lock'), `${process.pid}\n`);
    const refused = await fool('shared', 'cppn', ['--resume']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(`Process ${process.pid} is working in`) });
    // No system gives numbers as high as this one.
    writeFileSync(join(out('shared'), 'lock'), '999999999\n');
    expect(await fool('shared', 'cppn', ['--resume'])).toMatchObject({ code: 0 });
  });
});
