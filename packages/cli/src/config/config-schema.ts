/** @file The JSON Schema of the configuration file, for editors: the audit's section as it is read, the others from the commands' options. */

import type { Command, Option } from 'commander';
import { z } from 'zod';
import { AUDIT_SECTION } from './audit-section.ts';
import { isConfigurable, isFlag } from './configurable.ts';

/** What is needed of a command; those of the registry fit. */
interface Loadable {
  readonly name: string;
  load(): Promise<Command>;
}

/** @param commands all, which are loaded */
export async function configJsonSchema(commands: readonly Loadable[]): Promise<Record<string, unknown>> {
  const sections: [string, unknown][] = [];
  for (const { name, load } of commands) {
    if (name === 'audit') {
      const { $schema: _, ...audit } = z.toJSONSchema(AUDIT_SECTION, { io: 'input' });
      sections.push([name, { description: sectionOf(name), ...audit }]);
    } else sections.push(...sectionsOf(await load(), name));
  }
  return {
    $id: 'https://pareidolia.example/schema/config-1.schema.json',
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(sections) },
    additionalProperties: false,
  };
}

function sectionOf(words: string): string {
  return `Options of pareidolia ${words}; those on the command line come first.`;
}

function sectionsOf(command: Command, words: string): [string, unknown][] {
  const own = command.options.filter(isConfigurable);
  const section = {
    description: sectionOf(words),
    type: 'object',
    properties: Object.fromEntries(own.map((option) => [option.attributeName(), fieldOf(option)])),
    additionalProperties: false,
  };
  const parts = command.commands.flatMap((part) => sectionsOf(part, `${words} ${part.name()}`));
  return own.length === 0 ? parts : [[words, section], ...parts];
}

function fieldOf(option: Option): unknown {
  const { description, argChoices, flags } = option;
  if (isFlag(option)) return { description, type: 'boolean' };
  if (argChoices !== undefined) return { description, enum: argChoices };
  if (/=/.test(flags)) return { description, type: 'object', additionalProperties: { type: 'number' } };
  return { description, type: ['string', 'number', 'array'] };
}
