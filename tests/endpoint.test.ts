import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type ModelServer, type ServerOptions, startModelServer } from '../packages/cli/src/testing/model-server.ts';
import { type Ended, pareidolia, temporaryFolder } from './support/command.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const at = (...names: readonly string[]): string => join(folder.path, ...names);
const servers: ModelServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: ServerOptions = {}): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  pareidolia(args, { cwd: folder.path, env });

/** All that a run has left, in one text. */
function everything(out: string): string {
  const entries = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');
}

const ATTACK = ['attack', '--attack', 'square', '--epsilon', '0.2', '--limit', '4', '--budget', '200', '--json'];

describe('pareidolia attack on an endpoint', () => {
  it('finds what it finds on the file, and says what it cost', async () => {
    const { url } = await start();
    const [remote, local] = [
      await run([...ATTACK, '--model', `${url}/v2/models/digits`, '--cost', '1.5', '--out', 'remote']),
      await run([...ATTACK, '--out', 'local']),
    ];
    expect(remote.stderr).toMatch(
      /has answered [\d,]+ queries, each an image, of which none was flagged; at 1.5 for a thousand/,
    );
    expect(remote.code).toBe(0);
    const [told, own] = [remote, local].map(({ stdout }) => JSON.parse(stdout));
    const figures = ({ summaries }: typeof told) => summaries.map(({ seconds, ...rest }: { seconds: number }) => rest);
    expect(figures(told).map(rounded)).toEqual(figures(own).map(rounded));
    expect(told.model.notices.join()).toContain('has answered');
    expect(readFileSync(at('remote', 'report.html'), 'utf8')).toContain('at 1.5 for a thousand');
  });

  it('asks nothing twice when it is killed and goes on', async () => {
    const server = await start({ pause: 5 });
    const args = [...ATTACK, '--model', `${server.url}/v2/models/digits`, '--endpoint-batch', '4', '--out', 'killed'];
    const killed = await pareidolia(args, {
      cwd: folder.path,
      started: (child) => {
        const timer = setInterval(() => {
          if (server.requests() < 20) return;
          clearInterval(timer);
          child.kill('SIGKILL');
        }, 5);
      },
    });
    expect(killed.signal).toBe('SIGKILL');
    const before = server.asked.length;
    const resumed = await run(['attack', '--out', 'killed', '--resume', '--endpoint-batch', '4', '--json']);
    expect(resumed).toMatchObject({ code: 0 });
    expect(server.asked.length).toBeGreaterThan(before);
    const times = new Map<string, number>();
    for (const image of server.asked) times.set(image, (times.get(image) ?? 0) + 1);
    // The first probe image is asked about once more, to see whether the answer is the same. What was under way when the
    // process died, four requests of four images, was lost.
    const twice = [...times.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(twice).toBeLessThanOrEqual(1 + 4 * 4);
    const whole = await run([...ATTACK, '--out', 'whole', '--model', `${server.url}/v2/models/digits`]);
    const lines = (out: string) => readFileSync(at(out, 'results.jsonl'), 'utf8');
    expect(lines('killed')).toBe(lines('whole'));
    expect(whole.code).toBe(0);
    const asked = server.asked.length;
    // All is known now.
    const again = await run(['attack', '--out', 'killed', '--resume']);
    expect(again.code).toBe(0);
    expect(server.asked.length).toBe(asked);
  });

  it('stops at a budget with what is finished, and goes on with a larger one', async () => {
    const { url } = await start();
    const args = [...ATTACK, '--attack', 'square,simba', '--model', `${url}/v2/models/digits`, '--out', 'budget'];
    const stopped = await run([...args, '--query-budget', '700']);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain('may be asked about 700 images');
    expect(stopped.stderr).toContain('pareidolia attack --resume --out budget');
    const { summaries, complete } = JSON.parse(stopped.stdout);
    expect(complete).toBe(false);
    expect(summaries.map(({ attack }: { readonly attack: string }) => attack)).toEqual(['square']);
    const resumed = await run(['attack', '--out', 'budget', '--resume', '--query-budget', '100000']);
    expect(resumed).toMatchObject({ code: 0 });
  });

  it('refuses what needs more than scores, before anything is attacked', async () => {
    const { url } = await start();
    const { code, stderr } = await run(['attack', '--attack', 'pgd', '--model', `${url}/v2/models/digits`]);
    expect(code).toBe(2);
    expect(stderr).toContain('pgd needs gradients');
  });

  it('works on labels alone with attacks that see decisions, and fool does not', async () => {
    const { url } = await start();
    const classNames = Array.from({ length: 10 }, (_, digit) => `digit ${digit}`);
    const endpoint = { png: true, label: 'result.class' };
    writeFileSync(at('labels.json'), JSON.stringify({ color: 'grey', height: 28, width: 28, classNames, endpoint }));
    const model = ['--model', `${url}/label`, '--card', 'labels.json'];
    const attacked = await run([
      'attack',
      '--attack',
      'boundary',
      '--limit',
      '1',
      '--budget',
      '150',
      ...model,
      '--out',
      'decisions',
      '--json',
    ]);
    expect(attacked).toMatchObject({ code: 0 });
    expect(JSON.parse(attacked.stdout).summaries[0].adversarial).toBe(1);
    const fooled = await run(['fool', ...model]);
    expect(fooled.code).toBe(2);
    expect(fooled.stderr).toContain('A search needs confidences, and the model tells only the label');
    const scored = await run(['attack', '--attack', 'square', ...model]);
    expect(scored.stderr).toContain('square needs scores, and the model tells only the label');
  });
});

describe('pareidolia fool on an endpoint', () => {
  it('finds the images that it finds on the file', async () => {
    const { url } = await start();
    const args = ['fool', '--emitter', 'mutation', '--generations', '3', '--batch', '20', '--json'];
    const [remote, local] = [
      await run([...args, '--model', `${url}/v2/models/digits`, '--out', 'fooled']),
      await run([...args, '--out', 'fooled-local']),
    ];
    expect(remote).toMatchObject({ code: 0 });
    const [told, own] = [remote, local].map(({ stdout }) => JSON.parse(stdout));
    expect(told.median).toBeCloseTo(own.median, 5);
    expect(told.worst).toBeCloseTo(own.worst, 5);
    expect(readFileSync(at('fooled', 'report.html'), 'utf8')).toContain('has answered');
  });
});

describe('pareidolia score on an endpoint', () => {
  it('measures what it measures on the file', async () => {
    const { url } = await start();
    const args = ['--limit', '50', '--trial', '0', '--json'];
    const [remote, local] = [await run(['score', `${url}/v2/models/digits`, ...args]), await run(['score', ...args])];
    expect(remote).toMatchObject({ code: 0 });
    const [told, own] = [remote, local].map(({ stdout }) => JSON.parse(stdout));
    expect(told.measures.top1).toEqual(own.measures.top1);
    expect(told.measures.top1.of).toBe(50);
    expect(told.model.notices.join()).toContain('has answered');
  });
});

describe('a secret', () => {
  const secret = 'hush-7c1f';
  const basic = Buffer.from(`me:${secret}`).toString('base64');
  const header = { color: 'grey', height: 28, width: 28, endpoint: {} };
  const adapter = {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in a card
    headers: { Authorization: 'Bearer ${DIGITS_TOKEN}' },
    json: { images: [{ data: '{{png}}' }] },
    batch: 8,
    each: 'results',
    scores: 'predictions[*].probability',
    names: 'predictions[*].tagName',
  };

  it.each<readonly [string, (host: string) => string, boolean]>([
    ['user and password', (host) => `http://me:${secret}@${host}/v2/models/digits`, false],
    ['the query', (host) => `http://${host}/v2/models/digits?key=${secret}`, false],
    ['a variable in the query', (host) => `http://${host}/v2/models/digits?key=\${DIGITS_TOKEN}`, false],
    ['a header', (host) => `http://${host}/classify`, true],
  ])('in %s is in no file and no output', async (what, address, isHeader) => {
    const { url } = await start({ secret });
    writeFileSync(at('header.json'), JSON.stringify({ ...header, endpoint: adapter }));
    const model = ['--model', address(url.replace('http://', '')), ...(isHeader ? ['--card', 'header.json'] : [])];
    const env = { DIGITS_TOKEN: secret };
    const out = `secret-${what.replaceAll(' ', '-')}`;
    const attacked = await run([...ATTACK, '--limit', '1', '--budget', '50', ...model, '--out', out], env);
    expect(attacked).toMatchObject({ code: 0 });
    const fooled = await run(['fool', '--generations', '1', '--batch', '10', ...model, '--out', `${out}-fool`], env);
    expect(fooled).toMatchObject({ code: 0 });
    const scored = await run(['score', ...model.slice(1), '--limit', '12', '--out', `${out}-score`], env);
    expect(scored).toMatchObject({ code: 0 });
    const inspected = await run(['inspect', ...model.slice(1)], env);
    expect(inspected).toMatchObject({ code: 0 });
    const named = await run(['gradient', model[1]!, '-o', 'gradient.onnx'], env);
    expect(named.code).toBe(2);
    const texts = [attacked, fooled, scored, inspected, named].map(({ stdout, stderr }) => stdout + stderr);
    for (const text of [...texts, everything(at(out)), everything(at(`${out}-fool`)), everything(at(`${out}-score`))]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(basic);
    }
  });

  it.each<readonly [string, (host: string) => string]>([
    ['wrong', (host) => `http://me:wrong-${secret}@${host}/v2/models/digits`],
    ['echoed', (host) => `http://${host}/v2/models/digits?key=${secret}`],
  ])('that the server sends back is not quoted: %s', async (what, address) => {
    const { url } = await start({ secret, fault: () => 'echo' });
    const { code, stderr } = await run(['inspect', address(url.replace('http://', ''))]);
    expect(code).toBe(2);
    expect(stderr).toContain(what === 'wrong' ? 'answers 401' : 'answers 400');
    expect(stderr).toContain('***');
    expect(stderr).not.toContain(secret);
  });

  it('is asked for again when a job goes on, unless it is a variable', async () => {
    const { url } = await start({ secret });
    const address = `${url}/v2/models/digits?key=${secret}`;
    expect(await run([...ATTACK, '--limit', '1', '--model', address, '--out', 'again'])).toMatchObject({ code: 0 });
    const without = await run(['attack', '--out', 'again', '--resume']);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain('are not kept in run folders; give --model again');
    expect(await run(['attack', '--out', 'again', '--resume', '--model', address])).toMatchObject({ code: 0 });
    const variable = `${url}/v2/models/digits?key=\${DIGITS_TOKEN}`;
    const env = { DIGITS_TOKEN: secret };
    expect(await run([...ATTACK, '--limit', '1', '--model', variable, '--out', 'by-variable'], env)).toMatchObject({
      code: 0,
    });
    expect(await run(['attack', '--out', 'by-variable', '--resume'], env)).toMatchObject({ code: 0 });
    const unset = await run(['attack', '--out', 'by-variable', '--resume'], { DIGITS_TOKEN: '' });
    expect(unset.stderr).toContain('The variable DIGITS_TOKEN of the environment is not set');
  });
});

/** Figures to six digits: sums of float32 differ in their last bits. */
function rounded(summary: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(summary).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toPrecision(4)) : value,
    ]),
  );
}
