/** @file Opens what an audit of a campaign takes, in order to see what it asks for: nothing is computed here. */

import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { audit } from '@pareidolia/lab';
import { openNetwork } from '../../model/open-classifier.ts';
import type { AuditTask, ResolvedPlan } from '../plan/resolved-plan.ts';
import type { ObjectStore } from '../store/store.ts';
import { modelFileOf } from '../units/model-file.ts';
import { auditedOf, auditOptions } from '../units/run-unit.ts';
import type { OpenAudit } from './audit-unroller.ts';
import { ownObject } from './own-object.ts';

/** @throws InputError where objects are missing */
export async function openAudit(task: AuditTask, plan: ResolvedPlan, objects: ObjectStore): Promise<OpenAudit> {
  const model = plan.models[task.model]!;
  const file = modelFileOf(model, await ownObject(model.sha256, objects));
  const classifier = await openNetwork(file, { runtime: nodeRuntime(), device: 'cpu', threads: 1 });
  try {
    const options = await auditOptions(task, classifier, model, plan, (hash) => ownObject(hash, objects));
    return {
      begin: (change) => audit(auditedOf(classifier, model), { ...options, ...change }),
      dispose: () => classifier.dispose(),
    };
  } catch (error) {
    await classifier.dispose();
    throw error;
  }
}
