/**
 * @file Writes the documentation of every public entry point of every package to docs/api/pages.
 *
 * The entry points are the exports of the manifests. A warning fails the build: a type that is used but not exported, a link
 * that leads nowhere, an export without a word.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter, OptionDefaults } from 'typedoc';

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGES = join(HERE, '../../packages');

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(PACKAGES, folder, 'package.json'), 'utf8'));
}

/** Import name of each entry point by the path of its source. */
const entries = new Map(
  readdirSync(PACKAGES).flatMap((folder) => {
    const manifest = manifestOf(folder);
    return Object.entries(manifest.exports).flatMap(([entry, target]) => {
      const source = target['@pareidolia/source'];
      return source === undefined ? [] : [[join(PACKAGES, folder, source), join(manifest.name, entry)]];
    });
  }),
);

const app = await Application.bootstrap({
  entryPoints: [...entries.keys()],
  tsconfig: join(HERE, 'tsconfig.json'),
  basePath: PACKAGES,
  name: 'Pareidolia',
  readme: 'none',
  out: join(HERE, 'pages'),
  // Where the sources are published is not known here.
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  // Declared by TypeScript or ONNX Runtime, and documented there.
  excludeExternals: true,
  // What heads a file says what the file is for, not what its first export does.
  blockTags: [...OptionDefaults.blockTags, '@file'],
  excludeTags: [...OptionDefaults.excludeTags, '@file'],
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: true },
  requiredToBeDocumented: process.argv.includes('--members')
    ? undefined
    : ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias'],
  packagesRequiringDocumentation: readdirSync(PACKAGES).map((folder) => manifestOf(folder).name),
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) {
    module.name = entries.get(project.getSymbolIdFromReflection(module)?.fileName) ?? module.name;
  }
});

const project = await app.convert();
if (project !== undefined) {
  app.validate(project);
  await app.generateOutputs(project);
}
const failed = project === undefined || app.logger.hasErrors() || app.logger.hasWarnings();
if (!failed) console.log(`${relative(process.cwd(), join(HERE, 'pages'))}: ${entries.size} entry points`);
process.exitCode = failed ? 1 : 0;
