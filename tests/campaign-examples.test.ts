import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { COMMAND, pareidolia, temporaryFolder } from './support/command.ts';
import { writeTinyNetwork } from './support/networks.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const EXAMPLES = fileURLToPath(new URL('../examples/campaign/', import.meta.url));

const folder = temporaryFolder();
afterAll(folder.remove);
const path = (name: string): string => join(folder.path, name);

const hasShell = spawnSync('bash', ['-c', 'true']).status === 0;

describe.skipIf(!hasShell)('a plan in parts, as a cluster runs it', () => {
  let archive: string;
  beforeAll(async () => {
    writeTinyNetwork(path('tiny.onnx'));
    writeFileSync(
      path('plan.yaml'),
      'models: [tiny.onnx]\nsearches:\n  - { encodings: direct, seeds: 1-4, generations: 5, batch: 8, epoch: 3, exchange: false }\n',
    );
    const alone = await pareidolia(['campaign', 'start', 'plan.yaml', '--local', '1', '--out', 'alone', '--json'], {
      cwd: folder.path,
    });
    archive = JSON.parse(alone.stdout).archive;
    expect(archive).toMatch(/^[0-9a-f]{64}$/);
  });

  const merged = async (out: string) => {
    const parts = [1, 2, 3].map((part) => path(`${out}/campaign-${part}`));
    const ended = await pareidolia(['campaign', 'merge', ...parts, '--out', path(`${out}/whole`), '--json'], {
      cwd: folder.path,
    });
    return JSON.parse(ended.stdout);
  };

  it('by an array of three jobs of Slurm comes to the same hash; a job that is submitted again goes on', async () => {
    mkdirSync(path('slurm'));
    // As numbers of arrays need not begin at 1.
    const job = (id: number) =>
      spawnSync('bash', [join(EXAMPLES, 'slurm.sh'), 'plan.yaml'], {
        cwd: folder.path,
        encoding: 'utf8',
        env: {
          ...process.env,
          PAREIDOLIA_TRUST_MODELS: '1',
          PAREIDOLIA: `${process.execPath} ${COMMAND}`,
          SCRATCH: path('slurm'),
          SLURM_ARRAY_TASK_ID: String(id),
          SLURM_ARRAY_TASK_MIN: '5',
          SLURM_ARRAY_TASK_COUNT: '3',
          SLURM_CPUS_PER_TASK: '1',
        },
      });
    for (const id of [5, 6, 7]) expect(job(id)).toMatchObject({ status: 0 });
    const before = readFileSync(path('slurm/campaign-2/journal.jsonl'), 'utf8');
    expect(job(6)).toMatchObject({ status: 0, stderr: expect.stringContaining('Going on with') });
    expect(readFileSync(path('slurm/campaign-2/journal.jsonl'), 'utf8')).toBe(before);
    expect(await merged('slurm')).toMatchObject({ complete: true, archive });
  });

  it('by a Slurm job that is none of an array is refused with how to submit it', () => {
    const { SLURM_ARRAY_TASK_COUNT: _, ...env } = process.env;
    const ended = spawnSync('bash', [join(EXAMPLES, 'slurm.sh')], { cwd: folder.path, encoding: 'utf8', env });
    expect(ended.status).not.toBe(0);
    expect(ended.stderr).toContain('submit it as an array: sbatch --array=1-16 slurm.sh plan.yaml');
  });

  it('by an indexed Job of Kubernetes comes to the same hash', async () => {
    const job = parse(readFileSync(join(EXAMPLES, 'kubernetes.yaml'), 'utf8'));
    expect(job).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job', spec: { completionMode: 'Indexed' } });
    const { completions, template } = job.spec;
    const [container] = template.spec.containers;
    const { command, args, volumeMounts } = container;
    expect(args[0]).toContain(`--shard "$part/${completions}"`);
    const mounted = volumeMounts.map(({ name }: { name: string }) => name);
    expect(template.spec.volumes.map(({ name }: { name: string }) => name)).toEqual(mounted);
    expect(volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual(['/plan', '/data', '/out']);
    // As a pod runs it, with three pods, and with the folder of this test where it mounts its volumes.
    mkdirSync(path('pods'));
    const script = args[0]
      .replaceAll(`/${completions}"`, '/3"')
      .replaceAll('"/out/', `"${path('pods')}/`)
      .replaceAll('/plan/plan.yaml', path('plan.yaml'))
      .replaceAll('exec pareidolia', `exec ${process.execPath} ${COMMAND}`);
    for (const index of [0, 1, 2]) {
      const env = { ...process.env, PAREIDOLIA_TRUST_MODELS: '1', JOB_COMPLETION_INDEX: String(index) };
      const ended = spawnSync(command[0], [...command.slice(1), script], { cwd: folder.path, encoding: 'utf8', env });
      expect(ended).toMatchObject({ status: 0 });
    }
    expect(existsSync(path('pods/campaign-3/journal.jsonl'))).toBe(true);
    expect(await merged('pods')).toMatchObject({ complete: true, archive });
  });
});
