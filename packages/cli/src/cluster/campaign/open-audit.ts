/** @file Opens what an audit of a campaign takes, in order to see what it asks for: nothing is computed here. */

import { audit } from '@pareidolia/lab';
import type { AuditTask, ResolvedPlan } from '../plan/resolved-plan.ts';
import type { ObjectStore } from '../store/store.ts';
import { type FetchObject, openPlannedModel } from '../units/planned-networks.ts';
import { auditedOf, auditOptions } from '../units/run-unit.ts';
import type { OpenAudit } from './audit-unroller.ts';
import { ownObject } from './own-object.ts';

/** @throws InputError where objects are missing */
export async function openAudit(task: AuditTask, plan: ResolvedPlan, objects: ObjectStore): Promise<OpenAudit> {
  const model = plan.models[task.model]!;
  const own: FetchObject = (hash) => ownObject(hash, objects);
  const classifier = await openPlannedModel(model, 1, own);
  try {
    const options = await auditOptions(task, classifier, model, plan, own);
    return {
      begin: (change) => audit(auditedOf(classifier, model), { ...options, ...change }),
      dispose: () => classifier.dispose(),
    };
  } catch (error) {
    await classifier.dispose();
    throw error;
  }
}
