import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { childEnvironment } from '../../config/process-environment.ts';
import { type Artifact, encodeArtifact } from '../../ml/artifact.ts';
import { exportLightGbm, exportOnnx } from '../../ml/export/export-model.ts';
import { exportRecipe } from '../../ml/export/recipe-json.ts';
import { trainArtifact } from '../ml/scorer-cases.ts';
import { modelVersion } from './samples.ts';
import { startStandInService } from './stand-in-service.ts';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const cleanups: (() => Promise<void>)[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-export-'));
  cleanups.push(() => rm(folder, { recursive: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const forest = trainArtifact({
  task: 'binary',
  learner: 'boosted-forest',
  classes: ['no', 'yes'],
  params: { trees: 5 },
});

type Result = { exitCode: number; stdout: string; stderr: string };

function perennial(args: string[], url = 'http://127.0.0.1:9'): Promise<Result> {
  return new Promise((resolve) => {
    const env = childEnvironment({ PERENNIAL_URL: url });
    execFile(process.execPath, [cli, ...args], { env, cwd: folder }, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** Answers with a model of `production` 2. */
async function serve(
  artifact: Artifact,
  { sent = encodeArtifact(artifact), production = 2 as number | null } = {},
) {
  const bytes = encodeArtifact(artifact);
  const href = '/api/v1/models/olist-score/versions/2/artifact';
  const version = {
    ...modelVersion,
    artifact: { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, href },
  };
  const model = { pipeline: 'olist-score', title: 'Scores', versions: 2, latest: 2, production };
  const service = await startStandInService(({ path }) => {
    if (path === '/api/v1/models') return { body: { items: [model] } };
    if (path === '/api/v1/models/olist-score/versions/2') return { body: version };
    return path === href ? { bytes: sent } : { status: 404, body: { title: 'Not Found', status: 404 } };
  });
  cleanups.push(service.close);
  return service.url;
}

describe('perennial export', () => {
  it('saves the version in production, whose rows then score the same in a process of its own', async () => {
    const url = await serve(forest);
    const saved = await perennial(['export', 'olist-score', '--to', 'model.perennial'], url);
    expect(saved).toMatchObject({ exitCode: 0, stderr: '' });
    expect(saved.stdout).toContain('version 2 of olist-score');
    expect(await readFile(join(folder, 'model.perennial'))).toEqual(Buffer.from(encodeArtifact(forest)));
    const checked = await perennial(['check-model', 'model.perennial']);
    expect(checked.exitCode).toBe(0);
    const sha256 = createHash('sha256').update(encodeArtifact(forest)).digest('hex');
    expect(saved.stdout).toContain(sha256);
    expect(checked.stdout).toContain(
      `model.perennial: 2 saved rows score the same here (boosted-forest, SHA-256 ${sha256})`,
    );
  });

  it('writes a file whose damage is found by the hash of the version, where no saved row meets it', async () => {
    const bytes = encodeArtifact(forest);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    bytes[bytes.length - 9] = 7;
    await writeFile(join(folder, 'damaged'), bytes);
    const { stderr, exitCode } = await perennial(['check-model', 'damaged', '--sha256', sha256]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`^damaged: its SHA-256 is [0-9a-f]{64}, not ${sha256}\\n$`));
  });

  it('writes what LightGBM reads, and the saved rows as it must get them', async () => {
    const url = await serve(forest);
    const args = [
      'export',
      'olist-score',
      '--version',
      '2',
      '--format',
      'lightgbm',
      '--to',
      'model.txt',
      '--json',
    ];
    const { stdout, exitCode } = await perennial(args, url);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 2,
      format: 'lightgbm',
      files: [{ file: 'model.txt' }, { file: 'model.txt.rows.csv' }],
    });
    const { model, rows } = exportLightGbm(forest);
    expect(await readFile(join(folder, 'model.txt'), 'utf8')).toBe(model);
    expect(await readFile(join(folder, 'model.txt.rows.csv'), 'utf8')).toBe(rows);
  });

  it('writes an ONNX file with its rows, and the recipe that prepares others', async () => {
    const artifact = trainArtifact({ task: 'regression', learner: 'linear' });
    const url = await serve(artifact);
    const saved = await perennial(
      ['export', 'olist-score', '--format', 'onnx', '--to', 'model.onnx', '--json'],
      url,
    );
    expect(saved).toMatchObject({ exitCode: 0, stderr: '' });
    const { model, rows } = exportOnnx(artifact);
    expect(JSON.parse(saved.stdout)).toMatchObject({
      format: 'onnx',
      files: [{ file: 'model.onnx', bytes: model.length }, { file: 'model.onnx.rows.csv' }],
    });
    expect(await readFile(join(folder, 'model.onnx'))).toEqual(Buffer.from(model));
    expect(await readFile(join(folder, 'model.onnx.rows.csv'), 'utf8')).toBe(rows);
    const recipe = ['export', 'olist-score', '--format', 'recipe', '--to', 'model.recipe.json'];
    expect(await perennial(recipe, url)).toMatchObject({ exitCode: 0, stderr: '' });
    const json: unknown = JSON.parse(await readFile(join(folder, 'model.recipe.json'), 'utf8'));
    expect(json).toEqual(JSON.parse(exportRecipe(artifact)));
    const { stderr, exitCode } = await perennial(['check-model', 'model.onnx']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('model.onnx: check-model takes a whole version, as `export` writes it without');
  });

  it('refuses, writing nothing, what LightGBM cannot hold', async () => {
    const url = await serve(trainArtifact({ task: 'regression', learner: 'linear' }));
    const args = ['export', 'olist-score', '--format', 'lightgbm', '--to', 'model.txt'];
    const { stderr, exitCode } = await perennial(args, url);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('model.txt: LightGBM holds sums of trees, which linear is not');
    await expect(readFile(join(folder, 'model.txt'))).rejects.toThrow('ENOENT');
  });

  it('refuses bytes that are not those of the version', async () => {
    const url = await serve(forest, { sent: Uint8Array.of(1, 2, 3) });
    const { stderr, exitCode } = await perennial(['export', 'olist-score', '--to', 'model.perennial'], url);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('was answered with bytes of SHA-256');
  });

  it('asks for a version where none is in production', async () => {
    const url = await serve(forest, { production: null });
    const { stderr, exitCode } = await perennial(['export', 'olist-score', '--to', 'model.perennial'], url);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('olist-score has no version in production; name one with --version');
  });
});

describe('perennial check-model', () => {
  it('shows the rows that score otherwise, and ends with 2', async () => {
    const [first, ...others] = forest.goldenRows;
    if (first === undefined) throw new Error('a golden row is needed');
    const goldenRows = [{ ...first, score: [(first.score[0] ?? 0) + 1e-9] }, ...others];
    await writeFile(join(folder, 'moved'), encodeArtifact({ ...forest, goldenRows }));
    const { stdout, stderr, exitCode } = await perennial(['check-model', 'moved']);
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/^row {2}output +saved +here\n +0 +0 +0\.\d+ +0\.\d+\n$/);
    expect(stderr).toBe('moved: 1 of 2 saved rows score otherwise here, by more than 1e-12\n');
  });

  it('names a file that is no model, is cut off, or is not there', async () => {
    await writeFile(join(folder, 'text'), 'a,b\n1,2\n');
    await writeFile(join(folder, 'half'), encodeArtifact(forest).subarray(0, 600));
    for (const [file, reason] of [
      ['text', 'text: '],
      ['half', 'half: '],
      ['absent', 'Cannot read absent: there is no such file or folder.'],
    ] as const) {
      const { stderr, exitCode } = await perennial(['check-model', file]);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(reason);
      expect(stderr).not.toContain('    at ');
    }
  });
});
