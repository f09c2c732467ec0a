import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withParameters } from '../../activities/pipeline-of-run.ts';
import { stepKey } from '../../activities/step-work.ts';
import { fitInput, rowsInput, validationInput } from '../../activities/task-inputs.ts';
import { projectRoot } from '../../config/paths.ts';
import type { RowsRef, Snapshot } from '../../contracts/data.ts';
import { pipelineNameSchema, type Sha256, sha256Schema } from '../../contracts/ids.ts';
import type { RunParameters } from '../../contracts/runs.ts';
import { mayReuse, stepsToBeginFrom } from '../../contracts/steps.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';

const pipelines = loadPipelines({ folders: [join(projectRoot, 'pipelines')] });
function declared(name: string): LoadedPipeline {
  const pipeline = pipelines.get(pipelineNameSchema.parse(name));
  if (pipeline === undefined) throw new Error(`${name} is declared`);
  return pipeline;
}

const hash = (digit: string): Sha256 => sha256Schema.parse(digit.repeat(64));
const blob = (digit: string) => ({ sha256: hash(digit), bytes: 7 });
const snapshot: Snapshot = {
  id: hash('1'),
  source: 'upload:one',
  files: [{ name: 'leads.csv', table: 'leads', blob: blob('2'), format: 'csv' }],
  ignoredFiles: [],
  joined: false,
};
const tables = { leads: blob('3') };
const rows: RowsRef = {
  blob: blob('4'),
  lookups: null,
  report: {
    entities: 9,
    kept: 9,
    excluded: {},
    cleaning: [],
    trainRows: 7,
    holdOutRows: 2,
    nullShares: {},
    leftOut: {},
  },
};

/** The inputs of a run's steps by their names, as the activities make them. */
function inputsOf(
  declaration: LoadedPipeline,
  given: { parameters?: RunParameters; snapshot?: Snapshot; seed?: number; rows?: RowsRef } = {},
) {
  const parameters = resolveParameters(declaration, given.parameters);
  const pipeline = withParameters(declaration, parameters);
  const of = { snapshot: given.snapshot ?? snapshot, tables, parameters };
  const fits = Object.keys(pipeline.candidates).map((candidate) => [
    candidate,
    fitInput(pipeline, { candidate, variant: null, rows: given.rows ?? rows, seed: given.seed ?? 7 }),
  ]);
  return {
    validateData: validationInput(declaration, of),
    buildRows: rowsInput(pipeline, of),
    ...Object.fromEntries(fits),
  };
}
type Given = Parameters<typeof inputsOf>[1];

/** The steps whose results another run could not take; `change` is of the declaration, which is then read anew. */
function changedBy(
  name: string,
  given: Given,
  change: (pipeline: LoadedPipeline) => LoadedPipeline = (p) => p,
) {
  const readAnew = { folder: '/elsewhere', hash: 'another', settings: { sha256: hash('6'), changes: [] } };
  const before = inputsOf(declared(name));
  const after = inputsOf({ ...change(declared(name)), ...readAnew }, given);
  return Object.keys(before).filter((step) => JSON.stringify(before[step]) !== JSON.stringify(after[step]));
}

const leads = 'lead-conversion';
const fits = Object.keys(declared(leads).candidates);
const [candidate = ''] = fits;

describe('what a step follows from', () => {
  test('changes its key, whatever part of it changes', () => {
    const inputs = inputsOf(declared(leads));
    for (const [step, input] of Object.entries(inputs)) {
      const of = (changed: unknown) => stepKey({ code: 'a', work: 'buildRows', input: changed });
      fc.assert(
        fc.property(fc.constantFrom(...leavesOf(input)), (path) => {
          expect(of(changedAt(input, path)), `${step}: ${path.join('.')}`).not.toBe(of(input));
        }),
      );
    }
  });

  test('is the code and the kind of work as well', () => {
    const key = { code: 'a', work: 'buildRows', input: { rows: 1 } } as const;
    expect(stepKey({ ...key })).toBe(stepKey(key));
    expect(stepKey({ ...key, code: 'b' })).not.toBe(stepKey(key));
    expect(stepKey({ ...key, work: 'trainCandidate' })).not.toBe(stepKey(key));
  });

  test('is of a candidate its own parameters, and no others', () => {
    const params = (pipeline: LoadedPipeline): LoadedPipeline => {
      const own = pipeline.candidates[candidate];
      if (own === undefined) throw new Error('the pipeline has candidates');
      const changed = { ...own, params: { ...own.params, anything: 1 } };
      return { ...pipeline, candidates: { ...pipeline.candidates, [candidate]: changed } };
    };
    expect(changedBy(leads, {}, params)).toEqual([candidate]);
  });

  test('is of every candidate the seed and the rows', () => {
    expect(changedBy(leads, { seed: 8 })).toEqual(fits);
    expect(changedBy(leads, { rows: { ...rows, blob: blob('5') } })).toEqual(fits);
  });

  test('is of tables and rows the parameters that a filter or the SQL names', () => {
    expect(changedBy(leads, { parameters: { from: '2024-01-02' } })).toContain('validateData');
    expect(changedBy('customer-segments', { parameters: { at: '2011-12-10' } })).toEqual(['buildRows']);
  });

  test.each([
    ["getvariable('AT')", ['at']],
    ["GetVariable ( 'at' )", ['at']],
    ["getvariable('a' || 't')", 'all'],
    ["getvariable(E'\\x61t')", 'all'],
    ["(SELECT value FROM duckdb_variables() WHERE name = 'at')", 'all'],
    ["'at'", []],
  ])('is of rows whatever parameter the SQL may read: %s', (read, expected) => {
    const segments = declared('customer-segments');
    const pipeline = { ...segments, sqlTexts: { [segments.rows.sql]: `SELECT ${read}` } };
    const given = rowsInput(pipeline, { snapshot, tables, parameters: resolveParameters(pipeline) });
    const names = expected === 'all' ? Object.keys(segments.parameters) : expected;
    expect(Object.keys(given.parameters)).toEqual(names);
    expect(Object.keys(given.pipeline.parameters)).toEqual(names);
  });

  test('is neither a bar, nor what is said to people, nor where the files came from', () => {
    expect(changedBy(leads, { parameters: { minRocAuc: 0.9 } })).toEqual([]);
    expect(changedBy(leads, { snapshot: { ...snapshot, source: 'upload:two' } })).toEqual([]);
    expect(
      changedBy(leads, {}, (pipeline) => ({
        ...pipeline,
        title: 'another',
        description: 'another',
        gate: { bars: [] },
        demo: 'demo:leads?rows=1&seed=1',
        retrain: { maxAgeDays: 1, rescore: true },
      })),
    ).toEqual([]);
  });

  test('is of rows the split, which is none of the tables’ concern', () => {
    expect(changedBy(leads, { parameters: { testShare: 0.3 } })).toEqual(['buildRows', ...fits]);
  });
});

type Path = readonly string[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, below]) => leavesOf(below, [...path, key]));
}

function changedAt(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined) return typeof value === 'number' ? value + 1 : `another ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? changedAt(item, rest) : item));
  const record = Object.fromEntries(Object.entries(Object(value)));
  return { ...record, [key]: changedAt(record[key], rest) };
}

describe('a run may take a step from an earlier one', () => {
  const steps = ['loadData', 'validateData', 'buildRows', 'evaluateCandidate', 'explainModel'] as const;

  test('always, unless it is asked for without the cache', () => {
    for (const step of steps) {
      expect(mayReuse({ cache: true, from: null }, step, step)).toBe(true);
      expect(mayReuse({ cache: false, from: null }, step, step)).toBe(false);
    }
  });

  test('before the step that it is to be executed from', () => {
    const reused = (from: string) => steps.filter((step) => mayReuse({ cache: true, from }, step, step));
    expect(reused('loadData')).toEqual([]);
    expect(reused('buildRows')).toEqual(['loadData', 'validateData']);
    expect(reused('trainCandidate')).toEqual(['loadData', 'validateData', 'buildRows']);
    expect(reused('promoteModel')).toEqual(['loadData', 'validateData', 'buildRows', 'evaluateCandidate']);
  });

  test('with all candidates but the one that is to be trained anew', () => {
    const reused = (from: string) =>
      ['linear', 'forest', 'linear@earlier'].filter((name) =>
        mayReuse({ cache: true, from }, 'trainCandidate', `trainCandidate:${name}`),
      );
    expect(reused('trainCandidate:linear')).toEqual(['forest', 'linear@earlier']);
    expect(reused('trainCandidate:linear@earlier')).toEqual(['linear', 'forest']);
    expect(reused('trainCandidate')).toEqual([]);
  });

  test('and begin from each of its steps', () => {
    const variants = [{ variant: 'earlier', candidate: 'linear' }];
    const begin = stepsToBeginFrom({ kind: 'train', candidates: ['linear'], variants });
    expect(begin).toEqual(expect.arrayContaining(['trainCandidate:linear', 'trainCandidate:linear@earlier']));
    expect(begin).not.toContain('promoteModel');
  });
});
