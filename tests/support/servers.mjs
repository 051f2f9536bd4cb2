/**
 * @file Servers of queues on loopback, for tests and benches: a redis-server, and a PostgreSQL cluster in a folder of its own. Each
 * takes a free port, and may be killed and started again on it.
 */

import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Path of redis-server; `undefined` where it is not installed. */
export function findRedis() {
  return found('redis-server');
}

/** The folder with PostgreSQL's programs; `undefined` where it is not installed, or cannot run as this user. */
export function findPostgres() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folder = versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
  if (folder === undefined) return undefined;
  return process.getuid?.() === 0 && postgresUser() === undefined ? undefined : folder;
}

function found(program) {
  const { status, stdout } = spawnSync('which', [program], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** PostgreSQL does not run as root: Debian's own user then. */
function postgresUser() {
  const id = (option) => spawnSync('id', [option, 'postgres'], { encoding: 'utf8' });
  const [uid, gid] = [id('-u'), id('-g')];
  return uid.status === 0 ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : undefined;
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Waits until something listens on a port. */
async function listening(port, child, what) {
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) throw new Error(`${what} has ended with ${child.exitCode}`);
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} does not listen on ${port}`);
}

function gone(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', resolve));
}

/** @param {{ port?: number, options?: string[], appendOnly?: boolean, tls?: { certificate: string, key: string, ca: string } }} given */
export async function startRedis({ port, options = [], appendOnly = false, tls } = {}) {
  const own = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-redis-'));
  const ports = tls === undefined ? ['--port', String(own)] : ['--port', '0', '--tls-port', String(own)];
  const files = tls === undefined ? [] : ['--tls-cert-file', tls.certificate, '--tls-key-file', tls.key];
  if (tls !== undefined) files.push('--tls-ca-cert-file', tls.ca, '--tls-auth-clients', 'no');
  const words = [...ports, ...files, '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  words.push('--appendonly', appendOnly ? 'yes' : 'no', ...options);
  let child;
  const start = async () => {
    child = spawn('redis-server', words, { stdio: 'ignore' });
    await listening(own, child, 'redis-server');
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await gone(child);
  };
  await start();
  return {
    port: own,
    url: `${tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${own}`,
    start,
    kill,
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A cluster without passwords on loopback; fast, since it does not wait for the disk. */
export async function startPostgres({ durable = false, tls } = {}) {
  const bin = findPostgres();
  const user = process.getuid?.() === 0 ? postgresUser() : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const as = { ...user, cwd: folder, env: { PATH: process.env.PATH, LANG: 'C.UTF-8' } };
  const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'pareidolia', '-A', 'trust', '--no-sync'], {
    ...as,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const port = await freePort();
  const settings = [
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'max_connections=60',
  ];
  if (tls !== undefined) {
    // Its own copies, which nobody else may read; and whoever speaks no TLS is not let in.
    for (const [name, from] of [
      ['server.crt', tls.certificate],
      ['server.key', tls.key],
    ]) {
      const path = join(data, name);
      copyFileSync(from, path);
      chmodSync(path, 0o600);
      if (user !== undefined) chownSync(path, user.uid, user.gid);
    }
    writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 trust\n');
    settings.push('-c', 'ssl=on');
  }
  if (!durable) settings.push('-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off');
  let child;
  const url = `postgres://pareidolia@127.0.0.1:${port}/postgres`;
  const start = async () => {
    child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], { ...as, stdio: 'ignore' });
    await listening(port, child, 'postgres');
    for (let tries = 0; tries < 200; tries++) {
      if (spawnSync(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], as).status === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('postgres does not take connections');
  };
  const kill = async () => {
    // Its other processes see that it is gone, and end.
    child.kill('SIGKILL');
    await gone(child);
    const lock = join(data, 'postmaster.pid');
    for (let tries = 0; tries < 100 && isUsed(data); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    rmSync(lock, { force: true });
  };
  await start();
  return {
    port,
    url,
    start,
    kill,
    stop: async () => {
      child.kill('SIGINT');
      await gone(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether processes of a killed cluster are still there. */
function isUsed(data) {
  return spawnSync('pgrep', ['-f', data], { encoding: 'utf8' }).stdout.trim() !== '';
}
