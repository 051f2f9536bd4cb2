/** @file Reads a plan, and says in which line it is wrong. */

import { InputError } from '@pareidolia/core';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { readInput } from '../../data/read.ts';
import { PLAN, type Plan } from './plan-schema.ts';

/** Bytes of a plan, at most. */
const MOST = 2 ** 22;

/** A plan as it was read, which knows where each of its fields stands. */
export interface WrittenPlan {
  readonly plan: Plan;
  /** The file and the line of a field, or of what is nearest around it: `plan.yaml, line 4`. */
  where(field: readonly PropertyKey[]): string;
}

/** @throws InputError that names file and line */
export function readPlan(path: string): WrittenPlan {
  const bytes = readInput(path, 'plan');
  if (bytes.length > MOST) throw new InputError(`The plan ${path} is larger than 4 MiB; split it`);
  return parsePlan(new TextDecoder().decode(bytes), path);
}

/** @throws InputError that names file and line */
export function parsePlan(text: string, path: string): WrittenPlan {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const where = (offset: number): string => `${path}, line ${lines.linePos(offset).line}`;
  const [problem] = document.errors;
  if (problem !== undefined) {
    const [reason] = problem.message.split(/ at line |\n/);
    throw new InputError(`${where(problem.pos[0])}: ${reason}; mend it`);
  }
  const plan = PLAN.safeParse(toPlain(document, path));
  if (plan.success) return { plan: plan.data, where: (field) => where(offsetOf(document, field, false)) };
  const issue = plan.error.issues[0]!;
  const { path: field, message } = deepest(issue);
  const name = field.length === 0 ? '' : `${field.join('.')}: `;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const offset = offsetOf(document, unknown === undefined ? field : [...field, unknown], unknown !== undefined);
  throw new InputError(`${where(offset)}: ${name}${message}`);
}

function toPlain(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new InputError(`${path} has aliases (*name), which a plan cannot have; write out what they stand for`, {
      cause,
    });
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Of several ways in which a value could have been right, what is wrong with the one that came furthest. */
function deepest(issue: Issue & { readonly code?: string; readonly errors?: readonly (readonly Issue[])[] }): Issue {
  if (issue.code !== 'invalid_union' || issue.errors === undefined) return issue;
  const inner = issue.errors
    .flatMap(([first]) => (first === undefined ? [] : [deepest(first)]))
    .sort((a, b) => b.path.length - a.path.length || Number(isType(a)) - Number(isType(b)))[0];
  return inner === undefined ? issue : { path: [...issue.path, ...inner.path], message: inner.message };
}

/** Whether the value is of another type altogether. */
function isType({ message }: Issue): boolean {
  return message.startsWith('Invalid input: expected');
}

/** Where a field stands in the text; the nearest field around it where it is missing. */
function offsetOf(document: Document, field: readonly PropertyKey[], atKey: boolean): number {
  for (let depth = field.length; depth > 0; depth--) {
    const path = field.slice(0, depth);
    const around = document.getIn(path.slice(0, -1), true);
    if (isMap(around) && (atKey || depth === field.length)) {
      const pair = around.items.find(({ key }) => String(isNode(key) ? key.toJSON() : key) === String(path.at(-1)));
      const key = pair?.key;
      if (isNode(key) && key.range != null) return key.range[0];
    }
    const node = document.getIn(path, true);
    if (isNode(node) && node.range != null) return node.range[0];
  }
  return isNode(document.contents) && document.contents.range != null ? document.contents.range[0] : 0;
}
