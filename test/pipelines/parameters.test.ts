import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { InvalidParameters, resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';

const pipelines = loadPipelines({ folders: [fileURLToPath(new URL('../../pipelines', import.meta.url))] });
const pipeline = pipelines.get(pipelineNameSchema.parse('olist-score'));
if (pipeline === undefined) throw new Error('olist-score is not there');

function refusal(given: Record<string, unknown>): InvalidParameters['problems'] {
  try {
    resolveParameters(pipeline as NonNullable<typeof pipeline>, given);
  } catch (error) {
    if (error instanceof InvalidParameters) return error.problems;
    throw error;
  }
  return [];
}

test('what is not given has its default, built-in parameters included', () => {
  expect(resolveParameters(pipeline, { minR2: 0.3 })).toEqual({
    minR2: 0.3,
    testShare: 0.2,
    salt: 'olist-score',
    candidates: ['linear', 'decision-tree', 'random-forest', 'gradient-boosting'],
  });
});

test('candidates can be narrowed', () => {
  expect(resolveParameters(pipeline, { candidates: ['linear'] }).candidates).toEqual(['linear']);
});

test.each([
  ['an unknown name', { minr2: 0.3 }, 'minr2', 'unknown parameter; known: minR2'],
  ['a value of another type', { minR2: '0.3' }, 'minR2', 'expected number'],
  ['a value above the maximum', { minR2: 1.5 }, 'minR2', '<=1'],
  ['a share that leaves too little', { testShare: 0.9 }, 'testShare', '<=0.5'],
  ['a candidate that is none', { candidates: ['liner'] }, 'candidates', 'linear'],
  ['a candidate twice', { candidates: ['linear', 'linear'] }, 'candidates', 'twice'],
  ['no candidate', { candidates: [] }, 'candidates', '>=1'],
])('refuses %s', (_, given, name, message) => {
  const problems = refusal(given);
  expect(problems.map((problem) => problem.name)).toEqual([name]);
  expect(problems[0]?.message).toContain(message);
});

test('names everything that is wrong at once', () => {
  expect(refusal({ minR2: 2, salted: 'x' }).map(({ name }) => name)).toEqual(['salted', 'minR2']);
});
