import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Certificates, hasOpenssl, makeCertificates } from '../../../../../tests/support/certificates.mjs';
import { COMMAND, pareidolia, temporaryFolder } from '../../../../../tests/support/command.ts';
import {
  findPostgres,
  findRedis,
  type Server,
  startPostgres,
  startRedis,
} from '../../../../../tests/support/servers.mjs';
import { QueueFixture } from '../testing/queue-fixture.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const fixture = new QueueFixture();
const folder = temporaryFolder();
afterEach(() => fixture.end());
afterAll(() => {
  fixture.remove();
  folder.remove();
});

const BACKENDS = [
  {
    name: 'Redis',
    find: findRedis,
    start: (tls: Certificates) => startRedis({ tls }),
    checked: (url: string) => url,
    without: (url: string) => url.replace('rediss:', 'redis:'),
    refusal:
      /^Redis at redis:\S+ does not answer \(ECONNRESET\); start it, check the address, or write rediss:\/\/ where it speaks TLS$/,
  },
  {
    name: 'PostgreSQL',
    find: findPostgres,
    start: (tls: Certificates) => startPostgres({ tls }),
    checked: (url: string) => `${url}?sslmode=verify-full`,
    without: (url: string) => url,
    refusal:
      /^PostgreSQL at \S+ lets nobody in without TLS, or not this user; add \?sslmode=verify-full to the address, /,
  },
];

for (const { name, find, start, checked, without, refusal } of BACKENDS) {
  describe.skipIf(find() === undefined || !hasOpenssl())(`${name} behind TLS`, () => {
    let certificates: Certificates;
    let server: Server;
    beforeAll(async () => {
      certificates = makeCertificates();
      server = await start(certificates);
    });
    afterAll(async () => {
      await server?.stop();
      certificates?.remove();
    });

    it('is not spoken to where its certificate is not trusted, and one sentence says how to trust it', async () => {
      await expect(fixture.opened(checked(server.url))).rejects.toThrow(
        /^(Redis|PostgreSQL) at \S+ has a certificate that is not trusted \([^\n]*\); name the file of the authority that has signed it: NODE_EXTRA_CA_CERTS=ca\.pem$/,
      );
      await expect(fixture.opened(without(server.url))).rejects.toThrow(refusal);
    });

    it('is spoken to with the authority in NODE_EXTRA_CA_CERTS: the whole of a campaign', async () => {
      writeFileSync(
        join(folder.path, 'plan.yaml'),
        'models: [digits]\nsearches:\n  - { encodings: direct, generations: 3, batch: 4, epoch: 2 }\n',
      );
      const env = { NODE_EXTRA_CA_CERTS: certificates.ca, XDG_CACHE_HOME: fixture.cache };
      const url = checked(server.url);
      const worker = spawn(process.execPath, [COMMAND, 'worker', '--threads', '1', '--queue', url], {
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
      fixture.ends.push(() => worker.kill('SIGKILL'));
      const start = ['campaign', 'start', 'plan.yaml', '--json', '--out'];
      const given = { cwd: folder.path, env, alone: true };
      const ended = await pareidolia([...start, name, '--queue', url], given);
      expect(ended).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Warning') });
      const alone = await pareidolia([...start, `${name}-alone`, '--local', '1'], { cwd: folder.path });
      expect(JSON.parse(ended.stdout).archive).toBe(JSON.parse(alone.stdout).archive);
    });
  });
}
