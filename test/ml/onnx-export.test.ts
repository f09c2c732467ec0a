import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Artifact } from '../../ml/artifact.ts';
import { exportOnnx } from '../../ml/export/export-model.ts';
import { prepareGoldenRows } from '../../ml/export/prepared-rows.ts';
import type { Task } from '../../ml/learner.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import type { TargetRange } from '../../ml/range.ts';
import { rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { createScorer, decide } from '../../ml/scorer.ts';
import { evaluate, readOnnx, type Tensor } from './onnx-evaluation.ts';
import { trainArtifact } from './scorer-cases.ts';
import { whyNotPython } from './why-not-python.ts';

const run = promisify(execFile);
const towns = ['Oslo', 'Turin, "Piedmont"', 'Łódź', null];
const inputs = [
  { name: 'price paid', kind: 'number' as const },
  { name: 'days', kind: 'number' as const },
  { name: 'town', kind: 'category' as const },
];
const take = inputs.map(({ name }) => ({ step: 'take' as const, column: name }));
const impute = { step: 'impute' as const, columns: 'numbers' as const, strategy: 'mean' as const };

type Case = {
  learner: string;
  task: Task;
  params?: Readonly<Record<string, unknown>>;
  range?: TargetRange;
  /** Codes are levels to a linear model; clusters are found among numbers. */
  encode: 'codes' | 'numbers' | 'only codes';
};
const cases: readonly Case[] = [
  { learner: 'linear', task: 'regression', encode: 'codes' },
  { learner: 'linear', task: 'regression', encode: 'only codes' },
  { learner: 'linear', task: 'regression', encode: 'numbers', range: { min: 1.5, max: 3 } },
  { learner: 'linear', task: 'regression', encode: 'codes', range: { min: null, max: 2.5 } },
  { learner: 'logistic', task: 'binary', encode: 'codes' },
  { learner: 'logistic', task: 'multiclass', encode: 'codes' },
  { learner: 'multilayer-perceptron', task: 'regression', encode: 'codes', params: { maxEpochs: 3 } },
  {
    learner: 'multilayer-perceptron',
    task: 'multiclass',
    encode: 'numbers',
    params: { activation: 'tanh', hidden: [5], maxEpochs: 3 },
  },
  { learner: 'kmeans', task: 'clustering', encode: 'numbers', params: { restarts: 1 } },
];

const encodings = {
  codes: [impute, { step: 'codes' as const, columns: 'categories' as const }],
  numbers: [impute, { step: 'oneHot' as const, columns: 'categories' as const }],
  'only codes': [
    { step: 'drop' as const, columns: ['price paid', 'days'] },
    { step: 'codes' as const, columns: 'categories' as const },
  ],
};

/** Trained on rows of this seed; carries others, with a town never seen. */
function train({ learner, task, params, range, encode }: Case, seed: number): Artifact {
  const random = createRandom(seed);
  const draw = (places: readonly (string | null)[]) =>
    Array.from({ length: 90 }, () => ({
      'price paid': random.uniform() < 0.2 ? null : random.uniform() * 90,
      days: random.below(30),
      town: places[random.below(places.length)] ?? null,
    }));
  const instances = draw(towns);
  const value = Float64Array.from(
    instances,
    (row) => (row['price paid'] ?? 55) / 30 + (row.days > 12 ? 1 : 0) + random.uniform(),
  );
  const isClassified = task === 'binary' || task === 'multiclass';
  const classes =
    task === 'regression' ? null : ['low', 'middle', 'high'].slice(0, task === 'binary' ? 2 : 3);
  const count = classes?.length ?? 0;
  const target =
    task === 'clustering'
      ? new Float64Array()
      : value.map((number) => (isClassified ? Math.min(count - 1, Math.floor(number / 1.7)) : number));
  const spec = recipeSpecSchema.parse({ inputs, features: take, encode: encodings[encode] });
  const frame = rowsToFrame(instances, spec.inputs);
  const { fitted, blocks } = fitTransform({ spec, frame, lookups: [], seed });
  const model = fitToEnd(findLearner(learner), { task, blocks, target, classes: count, seed }, params);
  return {
    format: 1,
    task,
    classes,
    threshold: task === 'binary' ? 0.45 : null,
    ...(task === 'multiclass' ? { decisionWeights: [1, 0.4, 3] } : {}),
    range: range ?? null,
    moment: 'now',
    recipe: fitted,
    lookups: [],
    learner: { name: learner, head: model.head },
    sections: model.sections,
    baseline: { outputs: [0.5] },
    goldenRows: draw([...towns, 'unseen']).map((instance) => ({ instance, score: [] })),
  };
}

/** What the exported graph reads: the recipe's rows, laid out as the file says. */
function featuresOf(artifact: Artifact): Tensor {
  const { blocks } = prepareGoldenRows(artifact);
  const { rows, dense, codes } = blocks;
  const [numbers, levels] = [dense.names.length, codes.names.length];
  const values = Array.from({ length: rows }, (_, row) => [
    ...dense.values.subarray(row * numbers, (row + 1) * numbers),
    ...Array.from(codes.values.subarray(row * levels, (row + 1) * levels), (code) =>
      code < 0 ? Number.NaN : code,
    ),
  ]);
  return { dims: [rows, numbers + levels], values: values.flat() };
}

function expected(artifact: Artifact): { scores: Float64Array; decisions: (string | null)[] } {
  const { scoreInstances, outputs } = createScorer(artifact);
  const scores = scoreInstances(artifact.goldenRows.map(({ instance }) => instance));
  const decisions = artifact.goldenRows.map((_, row) =>
    decide(artifact, scores.subarray(row * outputs, (row + 1) * outputs)),
  );
  return { scores, decisions };
}

describe('an export to ONNX', () => {
  it.each(cases)('holds $learner for $task of $encode, whatever the rows were', (each) => {
    for (let seed = 1; seed <= 8; seed++) {
      const artifact = train(each, seed);
      const answers = evaluate(readOnnx(exportOnnx(artifact).model), featuresOf(artifact));
      const { scores, decisions } = expected(artifact);
      const predicted = answers.get('prediction')?.values ?? [];
      expect(predicted).toHaveLength(scores.length);
      scores.forEach((score, i) => {
        expect(Math.abs(Number(predicted[i]) - score)).toBeLessThan(1e-12);
      });
      if (artifact.classes !== null) expect(answers.get('decision')?.values).toEqual(decisions);
      else expect([...answers.keys()]).toEqual(['prediction']);
    }
  });

  it('says in its metadata what its columns and its answers are', () => {
    const artifact = train({ learner: 'logistic', task: 'binary', encode: 'codes' }, 1);
    const { metadata, irVersion, opset } = readOnnx(exportOnnx(artifact).model);
    expect({ irVersion, opset }).toEqual({ irVersion: 7, opset: 13 });
    expect(metadata).toMatchObject({ learner: 'logistic', task: 'binary', moment: 'now', threshold: '0.45' });
    expect(JSON.parse(metadata.columns ?? '')).toEqual([
      { name: 'price paid' },
      { name: 'days' },
      { name: 'town', levels: expect.arrayContaining(['Oslo', 'Łódź']) },
    ]);
  });

  it('has its rows beside it, with a name for each column and each class', () => {
    const artifact = train({ learner: 'logistic', task: 'multiclass', encode: 'numbers' }, 1);
    const [header, ...lines] = exportOnnx(artifact).rows.trimEnd().split('\n');
    expect(header).toContain('price paid,days,');
    expect(header).toContain('"town=Turin, ""Piedmont"""');
    expect(header).toContain(',town=other,prediction=low,prediction=middle,prediction=high');
    expect(lines).toHaveLength(artifact.goldenRows.length);
  });

  it('is refused for a forest, with the names of the forms that it has', () => {
    const forest = trainArtifact({ task: 'regression', learner: 'boosted-forest', params: { trees: 2 } });
    expect(() => exportOnnx(forest)).toThrow(
      'Exports to ONNX are products of matrices, which boosted-forest is not; those of linear, logistic, multilayer-perceptron, kmeans are. boosted-forest has the formats lightgbm, recipe, native',
    );
  });
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-onnx-'));
});
afterAll(() => rm(folder, { recursive: true }));

const python = 'python3';
/** Prints the largest difference of each model; `docs/learners.md` shows the same lines. */
const compare = `
import csv, glob, numpy, onnxruntime
for file in glob.glob("*.onnx"):
    model = onnxruntime.InferenceSession(file)
    lines = list(csv.reader(open(file + ".rows.csv", newline="", encoding="utf-8")))[1:]
    rows = numpy.array([[float(value or "nan") for value in line] for line in lines])
    width = model.get_inputs()[0].shape[1]
    prediction, *_ = model.run(None, {"features": rows[:, :width]})
    print(abs(prediction - rows[:, width:]).max())
`;
const noRuntime = await whyNotPython(python, 'import onnxruntime');
describe.skipIf(noRuntime !== null)(
  `read by ONNX Runtime${noRuntime === null ? '' : ` (skipped: ${noRuntime})`}`,
  () => {
    it('every model answers the same', { timeout: 60_000 }, async () => {
      for (const [i, each] of cases.entries()) {
        const { model, rows } = exportOnnx(train(each, 3));
        await writeFile(join(folder, `${i}.onnx`), model);
        await writeFile(join(folder, `${i}.onnx.rows.csv`), rows);
      }
      const { stdout } = await run(python, ['-c', compare], { cwd: folder });
      const differences = stdout.trim().split('\n').map(Number);
      expect(differences).toHaveLength(cases.length);
      expect(Math.max(...differences)).toBeLessThan(1e-12);
    });
  },
);
