/** @file A project outside the repository that has our packages as npm would deliver them. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What npm says where it cannot reach the registry. */
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT/;

export interface Installation {
  readonly folder: string;
  /** What npm printed, its warnings above all. */
  readonly said: string;
}

/**
 * Installs packages into an empty project.
 *
 * @param specs tarballs, and names from the registry
 * @returns the project; `undefined` where the registry cannot be reached
 */
export async function install(folder: string, specs: readonly string[]): Promise<Installation | undefined> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  try {
    const { stdout, stderr } = await npm(folder, ['install', '--prefer-offline', '--ignore-scripts', ...specs]);
    return { folder, said: `${stdout}${stderr}` };
  } catch (error) {
    if (error instanceof Error && UNREACHABLE.test(error.message)) return undefined;
    throw error;
  }
}

/** Names of the packages that are installed, of scopes too. */
export function installed({ folder }: Installation): string[] {
  const modules = join(folder, 'node_modules');
  return readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
}

/** Runs a command of an installed package, as `npx` does. */
export async function npx({ folder }: Installation, args: readonly string[]): Promise<string> {
  const { stdout } = await run('npx', ['--no-install', ...args], { cwd: folder, maxBuffer: 2 ** 26 });
  return stdout;
}

/** Starts a command that goes on. What it begins is one process group, so that {@link end} reaches all of it. */
export function start({ folder }: Installation, args: readonly string[], env: Readonly<Record<string, string>>) {
  return spawn('npx', ['--no-install', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
}

/** Asks what {@link start} began to end, and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  process.kill(-child.pid, 'SIGTERM');
  await gone;
}

/** Runs a program of the project. */
export async function node({ folder }: Installation, args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...args], { cwd: folder });
  return stdout;
}

/** Copies a folder of this repository into the project. */
export function copyInto({ folder }: Installation, source: string, name: string): string {
  const target = join(folder, name);
  cpSync(source, target, { recursive: true, filter: (path) => !/[\\/](node_modules|dist)$/.test(path) });
  return target;
}

/** npm as in a project that has nothing to do with this one: its own settings go on in `npm test`'s environment. */
async function npm(cwd: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(local_prefix|prefix|workspace)|package|lifecycle)/i.test(name),
    ),
  );
  return run('npm', ['--no-audit', '--no-fund', ...args], { cwd, env, maxBuffer: 2 ** 26 });
}
