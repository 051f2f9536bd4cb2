import { InputError } from '@pareidolia/core';
import { expect, it } from 'vitest';
import { type AuditTask, parseResolvedPlan, writePlan } from '../plan/resolved-plan.ts';
import { LocalQueue } from '../queue/local-queue.ts';
import { FakeExecutor, FakeFolder, fakePlan } from '../testing/fake-campaign.ts';
import type { PiecesOptions } from '../units/audit-pieces.ts';
import { AuditUnroller, type OpenAudit } from './audit-unroller.ts';

const task = (name: string): AuditTask => ({
  kind: 'audit',
  name,
  model: 0,
  seed: 1,
  settings: { device: 'cpu', threads: 1, budget: 'quick', threshold: 0.9 },
});

/** An audit that asks for one part, and takes no refusal for an answer. */
function audit(ended: string[], name: string): OpenAudit {
  return {
    begin: ({ unit }: PiecesOptions) => unit('accuracy/0-8', () => Promise.reject(new Error('computed here'))),
    dispose: async () => void ended.push(name),
  };
}

it('an audit that cannot be done is told, the others go on, and it can be tried again', async () => {
  const ended: string[] = [];
  const unroller = new AuditUnroller({
    tasks: [task('bad'), task('good')],
    open: async ({ name }) => audit(ended, name),
    known: async () => undefined,
    onAsked: () => {},
  });
  const [first, second] = [await unroller.next(), await unroller.next()];
  expect([first?.key, second?.key]).toEqual(['bad/accuracy/0-8', 'good/accuracy/0-8']);
  unroller.finished(first!, { refused: 'ONNX Runtime cannot run this model' });
  unroller.finished(second!, { result: 7 });
  expect(await unroller.next()).toBeUndefined();
  expect(unroller.takeEnded().map(({ name }) => name)).toEqual(['good']);
  expect(unroller.takeFailed()).toEqual([{ task: task('bad'), why: 'ONNX Runtime cannot run this model' }]);
  expect([unroller.left, unroller.failed, ended]).toEqual([0, 1, ['bad', 'good']]);
  unroller.retry();
  expect((await unroller.next())?.key).toBe('bad/accuracy/0-8');
  expect(unroller.failed).toBe(0);
  await unroller.dispose();
});

it('a campaign does what else there is, and says which audit has failed', async () => {
  const { plan } = fakePlan();
  const withAudit = parseResolvedPlan(writePlan({ ...plan, tasks: [...plan.tasks, task('bad')] }));
  const [folder, alone] = [new FakeFolder(withAudit), new FakeFolder(fakePlan())];
  const queue = (store: FakeFolder['objects']): LocalQueue =>
    new LocalQueue({ executors: [new FakeExecutor()], store, hardware: 'here' });
  try {
    const begin = (): Promise<never> => Promise.reject(new InputError('ONNX Runtime cannot run this model'));
    const openAudit = async (): Promise<OpenAudit> => ({ begin, dispose: async () => {} });
    expect(await folder.run(queue(folder.objects), { openAudit })).toBe('incomplete');
    expect([...folder.failures]).toEqual([['bad', 'ONNX Runtime cannot run this model']]);
    expect(await alone.run(queue(alone.objects))).toBe('done');
    expect([...(await folder.units())].sort()).toEqual([...(await alone.units())].sort());
  } finally {
    folder.remove();
    alone.remove();
  }
});

it('an audit that asks for nothing counts as failed, and ends no campaign', async () => {
  const { plan } = fakePlan();
  const withAudit = parseResolvedPlan(writePlan({ ...plan, tasks: [task('empty'), ...plan.tasks] }));
  const folder = new FakeFolder(withAudit);
  const queue = new LocalQueue({ executors: [new FakeExecutor()], store: folder.objects, hardware: 'here' });
  try {
    const openAudit = async (): Promise<OpenAudit> => ({ begin: async () => undefined, dispose: async () => {} });
    expect(await folder.run(queue, { openAudit })).toBe('incomplete');
    expect([...folder.failures]).toEqual([['empty', 'the audit has asked for nothing, so there is nothing to report']]);
    expect((await folder.units()).length).toBeGreaterThan(5);
  } finally {
    folder.remove();
  }
});
