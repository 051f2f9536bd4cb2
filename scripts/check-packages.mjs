/**
 * @file Checks the tarballs of all packages as npm would publish them: manifests, exports, types, source maps.
 *
 * With `--release`, also that the manifests name the real repository.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { manifestOf, packAll, publicPackages, ROOT } from './pack.mjs';

/** Condition under which the packages of this repository find each other's sources; named so that no other project has it. */
const SOURCE = '@pareidolia/source';

const work = mkdtempSync(join(tmpdir(), 'pareidolia-pack-'));
const problems = [];
try {
  const tarballs = packAll(work);
  for (const { name, folder } of publicPackages()) {
    const tarball = tarballs.get(name);
    const unpacked = join(work, name.replace('/', '-'));
    execFileSync('mkdir', ['-p', unpacked]);
    execFileSync('tar', ['-xzf', tarball, '-C', unpacked, '--strip-components=1']);
    const found = [
      ...manifestProblems(unpacked, folder),
      ...exportProblems(unpacked),
      ...sourceMapProblems(unpacked),
      ...(await publintProblems(unpacked, tarball)),
      ...typeProblems(name, tarball),
    ];
    console.log(`${name}: ${found.length === 0 ? 'good' : `${found.length} problems`}`);
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
} finally {
  rmSync(work, { recursive: true });
}
if (process.argv.includes('--release')) {
  const { url } = manifestOf(ROOT).repository;
  // A name that RFC 2606 keeps free: it stands for an address that only the owner knows.
  if (new URL(url.replace(/^git\+/, '')).hostname.endsWith('.example')) {
    problems.push(`package.json: repository is still ${url}; put the real address into all manifests`);
  }
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** What npm's pages and users expect of a manifest, and the files beside it. */
function manifestProblems(unpacked, folder) {
  const manifest = manifestOf(unpacked);
  const root = manifestOf(ROOT);
  const expected = {
    // All packages have one version.
    version: manifestOf(publicPackages()[0].folder).version,
    license: root.license,
    engines: root.engines,
    bugs: root.bugs,
    publishConfig: { access: 'public' },
    repository: { ...root.repository, directory: folder.slice(ROOT.length) },
  };
  const found = Object.entries(expected)
    .filter(([key, value]) => JSON.stringify(manifest[key]) !== JSON.stringify(value))
    .map(([key, value]) => `${key} is ${JSON.stringify(manifest[key])}, expected ${JSON.stringify(value)}`);
  for (const key of ['description', 'keywords', 'homepage', 'exports', 'files']) {
    if (manifest[key] === undefined) found.push(`the manifest has no ${key}`);
  }
  if (manifest.scripts?.prepack === undefined) found.push('the manifest has no script prepack');
  if (manifest.bin === undefined && manifest.sideEffects === undefined) found.push('the manifest has no sideEffects');
  for (const file of ['README.md', 'LICENSE']) if (!existsSync(join(unpacked, file))) found.push(`${file} is missing`);
  if (existsSync(join(unpacked, 'LICENSE')) && read(unpacked, 'LICENSE') !== read(ROOT, 'LICENSE')) {
    found.push('LICENSE is not that of the repository');
  }
  for (const script of ['preinstall', 'install', 'postinstall']) {
    if (manifest.scripts?.[script] !== undefined) found.push(`script ${script} would run at installation`);
  }
  return found;
}

/** Every entry has a source, types and code, and all three are in the tarball. */
function exportProblems(unpacked) {
  return Object.entries(manifestOf(unpacked).exports).flatMap(([entry, target]) => {
    if (typeof target === 'string') return target.includes('*') ? [] : missing(unpacked, [target]);
    const conditions = Object.keys(target).join(', ');
    if (conditions !== `${SOURCE}, types, default`) {
      return [`export ${entry} has the conditions ${conditions}, expected ${SOURCE}, types, default`];
    }
    return missing(unpacked, Object.values(target));
  });
}

function missing(unpacked, files) {
  return files.filter((file) => !existsSync(join(unpacked, file))).map((file) => `${file} is not in the tarball`);
}

/** Every source map is there, and each of its sources is in the tarball. */
function sourceMapProblems(unpacked) {
  const files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
  return files.flatMap((file) => {
    const path = join(unpacked, file);
    if (/\.(js|d\.ts)$/.test(file)) {
      const named = /^\/\/# sourceMappingURL=(?!data:)(\S+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
      return named === undefined || existsSync(join(dirname(path), named))
        ? []
        : [`${file} names ${named}, which is missing`];
    }
    if (!file.endsWith('.map')) return [];
    const { sourceRoot = '', sources } = JSON.parse(readFileSync(path, 'utf8'));
    return sources
      .filter((source) => !existsSync(resolve(dirname(path), sourceRoot, source)))
      .map((source) => `${file} points at ${source}, which is missing`);
  });
}

async function publintProblems(unpacked, tarball) {
  const bytes = readFileSync(tarball);
  const data = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({ pack: { tarball: data }, level: 'suggestion', strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, manifestOf(unpacked))}`);
}

/** Types as every way of resolution sees them. The packages are ES modules only, and a command has no types. */
function typeProblems(name, tarball) {
  const command = process.execPath;
  const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const entries = Object.entries(manifestFrom(tarball).exports);
  const untyped = entries.filter(([, target]) => typeof target === 'string').map(([entry]) => entry);
  if (untyped.length === entries.length) return [];
  try {
    execFileSync(
      command,
      [
        attw,
        tarball,
        '--profile',
        'esm-only',
        '--no-color',
        '--no-emoji',
        '--format',
        'ascii',
        '--exclude-entrypoints',
        ...untyped,
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return [];
  } catch (error) {
    return [`attw: ${error.stdout}${error.stderr} (${name})`];
  }
}

function manifestFrom(tarball) {
  return JSON.parse(execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
}

function read(folder, file) {
  return readFileSync(join(folder, file), 'utf8');
}
