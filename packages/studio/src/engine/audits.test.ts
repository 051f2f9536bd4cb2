import { readFileSync } from 'node:fs';
import { drawDigits, localBreeder, OnnxClassifier, parseCard } from '@pareidolia/core';
import { nodeRuntime } from '@pareidolia/core/runtime/node';
import { AUDIT_RESULT, audit, CHECKS } from '@pareidolia/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditCommand } from './audit-command.ts';
import type { AuditStatus } from './audit-views.ts';
import { requireBearable } from './audits.ts';
import type { Parameters, StudioEvent } from './protocol.ts';
import { Studio } from './studio.ts';

const ASSETS = new URL('../../../core/assets/', import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL('lenet-digits.onnx', ASSETS)));
const card = JSON.parse(readFileSync(new URL('lenet-digits.card.json', ASSETS), 'utf8'));
const runtime = nodeRuntime();

type AuditEvent = Extract<StudioEvent, { type: 'audit' }>;
const events: AuditEvent[] = [];
const listeners = new Set<(event: AuditEvent) => void>();
let studio: Studio;
let model: string;

beforeAll(async () => {
  studio = new Studio({
    host: {
      version: '0',
      engine: 'page',
      runtime,
      device: 'cpu',
      threads: 1,
      missing: [],
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      now: () => performance.now(),
      emit: (event) => {
        if (event.type !== 'audit') return;
        events.push(event);
        for (const listener of listeners) listener(event);
      },
      breeder: localBreeder,
    },
  });
  model = (await studio.models.load('digits', bytes, card, { kind: 'embedded', words: '' })).id;
});
afterAll(() => studio.dispose());

/** Resolves with the first state of an audit that the test wants. */
const until = (audit: string, wanted: (status: AuditStatus) => boolean): Promise<AuditStatus> =>
  new Promise((resolve) => {
    const listener = ({ status }: AuditEvent): void => {
      if (status.id !== audit || !wanted(status)) return;
      listeners.delete(listener);
      resolve(status);
    };
    listeners.add(listener);
  });

const ended = (audit: string): Promise<AuditStatus> => until(audit, ({ state }) => state !== 'running');

const request: Parameters<'audits.start'> = {
  model: '',
  threshold: 0.9,
  budget: 'quick',
  seed: 3,
  gates: 'garbage>1%',
  checks: ['model', 'accuracy', 'garbage'],
  images: 'digits',
};

describe('an audit in the studio', () => {
  it('tells each check with its findings, and comes to what the audit itself says of the same images', async () => {
    const from = events.length;
    const { audit: id } = await studio.call('audits.start', { ...request, model });
    await expect(studio.call('audits.start', { ...request, model })).rejects.toThrow('An audit is under way');
    expect((await ended(id)).state).toBe('finished');
    const told = events.slice(from).filter(({ status }) => status.id === id);
    const checks = told.flatMap(({ checked }) => checked ?? []);
    expect(checks.map(({ check }) => check.title)).toEqual(
      CHECKS.filter(({ name }) => request.checks!.includes(name)).map(({ title }) => title),
    );
    // What is found grows; nothing that was told is taken back by a later check.
    for (const [i, { findings }] of checks.entries()) {
      const later = new Map(checks.at(-1)!.findings.map((finding) => [finding.ruleId, finding]));
      for (const finding of findings) expect([i, later.get(finding.ruleId)]).toEqual([i, finding]);
    }
    const { result, status } = await studio.call('audits.open', { audit: id });
    expect(AUDIT_RESULT.parse(result)).toEqual(result);
    expect(status.parts.every(({ done }) => done)).toBe(true);
    expect(result!.findings).toEqual(checks.at(-1)!.findings);
    expect(result!.figures).toEqual(checks.flatMap(({ check }) => check.figures));
    expect(result!.limits[0]).toContain('A part of the audit only');
    expect(result!.command).toBe('');
    expect(result!.model.kind).toBe('embedded');

    // Asked without the studio.
    const network = await OnnxClassifier.load(bytes, {
      card: parseCard(card),
      runtime,
      device: 'cpu',
      threads: 1,
      where: 'digits',
    });
    const digits = drawDigits(500, 3, 55_000);
    const names = Array.from({ length: 500 }, (_, place) => String(place));
    const alone = await audit(network, {
      seed: 3,
      images: { origin: 'digits', images: digits.images, labels: digits.labels, names },
      checks: CHECKS.filter(({ name }) => request.checks!.includes(name)),
    });
    await network.dispose();
    expect(result!.figures).toEqual(alone.result.figures);

    const ids = result!.pictures.slice(0, 4).map((picture) => picture.id);
    const { pictures } = await studio.call('audits.pictures', { audit: id, ids: [...ids, 'nothing'], size: 28 });
    expect(pictures.map((picture) => picture.id)).toEqual(ids);
    for (const picture of pictures) expect(picture.planes).toEqual(alone.pictures.get(picture.id)!.planes);
    const json = await studio.call('audits.file', { audit: id, file: 'audit.json' });
    expect(JSON.parse(json.text)).toEqual(result);
    const sarif = JSON.parse((await studio.call('audits.file', { audit: id, file: 'audit.sarif' })).text);
    const failing = result!.findings.filter(({ state }) => state === 'fail');
    const open = result!.gates.filter(({ state }) => state !== 'pass');
    expect(open).toHaveLength(1);
    expect(sarif.runs[0].results.filter((each: { kind: string }) => each.kind === 'fail')).toHaveLength(
      failing.length + open.length,
    );
    const { audits } = await studio.call('audits.list', {});
    expect(audits[0]).toEqual(status);
  });

  it('is estimated before it begins, by what it will ask and by the pace of the network, and not beside another one', async () => {
    const { threshold, budget, seed } = request;
    const asked = { model, threshold, budget, seed, images: 'digits' as const };
    const { estimate } = await studio.call('audits.estimate', { ...asked, checks: ['accuracy'] });
    // 500 drawings, and their confidences and logits.
    expect(estimate!.replaceAll('\u00a0', ' ')).toMatch(
      /^Roughly .+: some 1,000 passes .+ images\/s, the pace of the network when it was timed/,
    );
    const own = { ...asked, checks: ['accuracy' as const], images: { count: 30, isLabelled: true } };
    expect((await studio.call('audits.estimate', own)).estimate).toContain('some 60 passes');
    const { audit: id } = await studio.call('audits.start', { ...request, checks: undefined, model });
    expect(await studio.call('audits.estimate', asked)).toEqual({});
    await studio.call('audits.stop', { audit: id });
    await ended(id);
  });

  it('stops where it is, keeps what was measured, and lets another one begin', async () => {
    const { audit: id } = await studio.call('audits.start', { ...request, checks: undefined, model });
    await until(id, ({ parts }) => parts[2]!.done);
    await studio.call('audits.stop', { audit: id });
    const status = await ended(id);
    expect(status.state).toBe('stopped');
    expect(status.parts.at(-1)!.done).toBe(false);
    const view = await studio.call('audits.open', { audit: id });
    expect(view.result).toBeUndefined();
    expect(view.checks.length).toBeGreaterThanOrEqual(3);
    expect(view.findings.some(({ ruleId }) => ruleId === 'PAR-G001/black')).toBe(true);
    await expect(studio.call('audits.file', { audit: id, file: 'report.html' })).rejects.toThrow('not finished');
    const next = await studio.call('audits.start', { ...request, checks: ['model'], images: undefined, model });
    expect((await ended(next.audit)).state).toBe('finished');
  });

  it('takes pictures that were opened, and says what does not fit', async () => {
    const { images } = drawDigits(12, 9);
    const own = {
      origin: 'photos',
      names: Array.from({ length: 12 }, (_, i) => `${i}.png`),
      data: images.data,
      leftOut: ['a.gif is left out, since it moves'],
      inAll: 13,
    };
    const start = (changes: Partial<typeof own>) =>
      studio.call('audits.start', { ...request, gates: '', checks: ['model'], model, images: { ...own, ...changes } });
    await expect(start({ data: images.data.slice(1) })).rejects.toThrow('photos: 9407 bytes are not 12 images');
    const { audit: id } = await start({});
    await ended(id);
    const { result } = await studio.call('audits.open', { audit: id });
    expect(result!.images).toEqual({
      origin: 'photos',
      count: 13,
      used: 12,
      labelled: false,
      leftOut: ['a.gif is left out, since it moves'],
    });
  });

  it('refuses a wrong gate at its character, and a budget of hours in a page', async () => {
    const start = (changes: Partial<typeof request>) => studio.call('audits.start', { ...request, ...changes, model });
    await expect(start({ gates: 'garbage>1%, robust<1' })).rejects.toThrow('at character 19');
    await expect(start({ budget: 'thorough' })).rejects.toThrow('takes too long for a page');
    await expect(studio.call('audits.open', { audit: 'audit-99' })).rejects.toThrow('There is no such audit any more');
  });
});

describe('what is too heavy for a page', () => {
  /** A network on which each call takes so many milliseconds of a clock of its own. */
  const taking = (milliseconds: number) => {
    let time = 0;
    const network = {
      shape: { channels: 3, height: 8, width: 8 } as const,
      where: 'large.onnx',
      predict: async ({ count }: { count: number }) => {
        time += milliseconds * count;
        return { count, numClasses: 2, data: new Float32Array(2 * count) };
      },
    };
    return { network, host: { now: () => time } };
  };

  const parts = (passes: number) => [
    { title: 'noise', passes: 1_000 },
    { title: 'changes', passes },
  ];

  it('is refused in one sentence, with the time that it would take', async () => {
    const { network, host } = taking(500);
    await expect(requireBearable(network, parts(49_000), host)).rejects.toThrow(
      /^large\.onnx is too heavy for an audit in the page: 50,000 passes would take about 6\sh\s57\smin; leave out parts \(most of it is changes\)/,
    );
    await requireBearable(network, parts(6_000), host);
  });
});

describe('the command that does it again', () => {
  const asked = { threshold: 0.9, budget: 'quick', seed: 1, gates: '', images: 'digits', isWhole: true } as const;

  it('is there where it does the same, and only there', () => {
    expect(auditCommand(asked, 'embedded', '')).toBe('npx pareidolia audit --threshold 0.9 --budget quick --seed 1');
    expect(auditCommand({ ...asked, gates: 'garbage>1%' }, 'file', "--model 'my net.onnx' --card c.json")).toBe(
      "npx pareidolia audit 'my net.onnx' --card c.json --data digits --threshold 0.9 --budget quick --fail-on 'garbage>1%' --seed 1",
    );
    expect(auditCommand({ ...asked, isWhole: false }, 'embedded', '')).toBe('');
    expect(auditCommand({ ...asked, images: undefined }, 'embedded', '')).toBe('');
    expect(auditCommand(asked, 'file', undefined)).toBe('');
  });
});
