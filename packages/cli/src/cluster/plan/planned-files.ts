/** @file Models as a plan names them: a file, an embedded network, or an address that they are fetched from. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { InputError } from '@pareidolia/core';
import { isAddress } from '../../endpoint/address.ts';
import { sha256 } from '../../job/hash.ts';
import { EMBEDDED_NETWORKS, USUAL_NETWORK } from '../../model/embedded.ts';
import { type ModelFile, readModel } from '../../model/model-file.ts';
import { readLimited } from '../store/http-store.ts';
import type { PlanContext, ResolveOptions } from './plan-context.ts';
import type { PlannedModel } from './plan-schema.ts';
import { MOST_INPUT } from './resolved-plan.ts';

export function nameOf(model: PlannedModel): string {
  if (typeof model !== 'string' && model.name !== undefined) return model.name;
  const file = typeof model === 'string' ? model : model.file;
  return (
    basename(isAddress(file) ? new URL(file).pathname : file)
      .replace(/\.onnx$/i, '')
      .slice(0, 100) || 'model'
  );
}

/** @throws InputError where it is not there, or is another than the plan says */
export async function readPlannedModel(planned: PlannedModel, context: PlanContext): Promise<ModelFile> {
  const model = typeof planned === 'string' ? { file: planned } : planned;
  const card = model.card === undefined ? undefined : context.at(model.card);
  const { sha256: wanted } = model;
  const embedded = EMBEDDED_NETWORKS.find((name) => name === model.file);
  if (embedded !== undefined && !existsSync(context.at(embedded))) {
    return readModel(embedded === USUAL_NETWORK ? undefined : embedded, card);
  }
  if (isAddress(model.file)) {
    if (wanted === undefined) {
      throw new InputError(
        `${model.file}: give sha256 with a model that is fetched, so that it is known to be the one that is meant; an endpoint that is asked for scores cannot be part of a campaign, since nobody can know that it answers each worker, and each time, the same`,
      );
    }
    return fetchModel(model.file, wanted, card, context.options);
  }
  const file = readModel(context.at(model.file), card);
  if (wanted !== undefined && file.sha256 !== wanted) throw otherHash(model.file, wanted, file.sha256);
  return file;
}

function otherHash(file: string, wanted: string, found: string): InputError {
  return new InputError(
    `${file} has SHA-256 ${found.slice(0, 12)}..., and the plan wants ${wanted.slice(0, 12)}...; give the file that is meant`,
  );
}

/** Fetches a model, which has to have the hash that the plan says. */
async function fetchModel(
  address: string,
  wanted: string,
  card: string | undefined,
  { onStep, signal }: Pick<ResolveOptions, 'onStep' | 'signal'>,
): Promise<ModelFile> {
  const url = new URL(address);
  const where = `${url.origin}${url.pathname}`;
  onStep(`fetching ${where}`);
  let answer: Response;
  try {
    answer = await fetch(url, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw new InputError(`${where} does not answer; check the address and the network`, { cause });
  }
  if (!answer.ok) throw new InputError(`${where} answers ${answer.status}; check the address`);
  const bytes = await readLimited(answer, MOST_INPUT);
  if (bytes === undefined) throw new InputError(`${where} sends more than 2 GiB; no model is as large`);
  const found = sha256(bytes);
  if (found !== wanted) throw otherHash(where, wanted, found);
  const folder = mkdtempSync(join(tmpdir(), 'pareidolia-'));
  try {
    // Under its name, so that the usual ways to find a card apply.
    const path = join(folder, basename(url.pathname) || 'model.onnx');
    writeFileSync(path, bytes);
    return readModel(path, card);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
