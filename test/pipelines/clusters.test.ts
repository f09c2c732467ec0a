import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Pipeline, pipelineSchema } from '../../contracts/pipeline.ts';
import { learners } from '../../ml/learners/registry.ts';
import { checkPipeline } from '../../pipelines/check.ts';
import { clusterCounts, resolveClusters } from '../../pipelines/cluster-counts.ts';
import { readDeclaration } from '../../pipelines/declaration-file.ts';
import { InvalidParameters, resolveParameters } from '../../pipelines/parameters.ts';

const folder = fileURLToPath(new URL('../../pipelines/customer-segments', import.meta.url));
const declaration = readDeclaration(join(folder)).value;
const declare = (overrides: Record<string, unknown> = {}): Pipeline =>
  pipelineSchema.parse({ ...declaration, ...overrides });
const faults = (overrides: Record<string, unknown>) =>
  checkPipeline(declare(overrides), learners).map(({ path, message }) => `${path.join('.')}: ${message}`);

test('a run says how many segments are looked for', () => {
  const pipeline = declare();
  if (pipeline.task !== 'clustering') throw new Error('segments are clusters');
  const asked = (given: Record<string, number>) =>
    clusterCounts(resolveClusters(pipeline.clusters, resolveParameters(pipeline, given))).counts;
  expect(asked({})).toEqual([4]);
  expect(asked({ minClusters: 2, maxClusters: 5 })).toEqual([2, 3, 4, 5]);
});

test('a run that asks for no possible number of segments is refused', () => {
  const asking = () => resolveParameters(declare(), { minClusters: 6 });
  expect(asking).toThrow(InvalidParameters);
  expect(asking).toThrow('maxClusters: there is no number of clusters from 6 to 4');
});

test('no rows are held out, and no parameter says how many', () => {
  expect(declare().split).toEqual({ by: 'none' });
  expect(Object.keys(resolveParameters(declare()))).not.toContain('testShare');
  expect(() => declare({ split: { by: 'key', share: 0.2, salt: 'a' } })).toThrow();
});

test.each<[rule: string, overrides: Record<string, unknown>, fault: string]>([
  [
    'numbers of clusters by an unknown parameter',
    { clusters: { fixed: { parameter: 'k' } } },
    'clusters.fixed.parameter: unknown parameter "k"; known: ',
  ],
  [
    'numbers of clusters by a parameter that is none',
    { clusters: { fixed: { parameter: 'at' } } },
    'clusters.fixed.parameter: parameter "at" is a date, needed: integer',
  ],
  [
    'a range that is empty',
    { clusters: { chooseBy: 'silhouette', from: 5, to: 3 } },
    'clusters: there is no number of clusters from 5 to 3',
  ],
  [
    'a name by a column that is not read',
    { segmentNames: [{ name: 'rich', when: { wealth: { min: 2 } } }] },
    'segmentNames.0.when.wealth: unknown number that features read "wealth"; known: recency_days, frequency, monetary',
  ],
  [
    'a comparison on a hold-out',
    { gate: { compare: { metric: 'silhouette' } } },
    'gate.compare: clusters have no hold-out to be compared on; use continuity',
  ],
  [
    'continuity by an unknown parameter',
    { gate: { continuity: { minAgreement: { parameter: 'least' } } } },
    'gate.continuity.minAgreement.parameter: unknown parameter "least"; known: ',
  ],
])('refuses %s', (_, overrides, fault) => {
  expect(faults(overrides)).toEqual([expect.stringContaining(fault)]);
});
