import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { checkRecipe } from '../../ml/recipe/check.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { loadPipelines } from '../../pipelines/registry.ts';

const pipelines = loadPipelines({ folders: [fileURLToPath(new URL('../../pipelines', import.meta.url))] });
const named = (name: string) => {
  const pipeline = pipelines.get(pipelineNameSchema.parse(name));
  if (pipeline === undefined) throw new Error(`${name} is not there`);
  return pipeline;
};

test.each(['olist-score', 'olist-satisfaction'])(
  '%s loads, with a valid recipe for each candidate',
  (name) => {
    const pipeline = named(name);
    for (const candidate of Object.keys(pipeline.candidates))
      expect(checkRecipe(recipeFor(pipeline, candidate))).toEqual([]);
  },
);

test('knows nothing of the delivery when the payment is approved', () => {
  const names = (variant: string | null) =>
    recipeFor(named('olist-score'), 'gradient-boosting', { variant }).inputs.map(({ name }) => name);
  const late = ['order_delivered_carrier_date', 'order_delivered_customer_date', 'review_creation_date'];
  expect(names(null)).toEqual(expect.arrayContaining(late));
  expect(names('at-approval').filter((name) => late.includes(name))).toEqual([]);
});

test.each(['olist-score', 'olist-satisfaction'])('%s never reads review texts or identifiers', (name) => {
  const pipeline = named(name);
  const inputs = Object.keys(pipeline.candidates).flatMap((candidate) =>
    recipeFor(pipeline, candidate).inputs.map((input) => input.name),
  );
  expect(inputs.filter((input) => Object.hasOwn(pipeline.refused, input))).toEqual([]);
});
