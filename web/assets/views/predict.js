import { post } from '../api.js';
import { actionButton, facts, h, mono, number } from '../dom.js';
import { explanationList } from './explanation.js';

/** One field for each property of the instance, filled with the pipeline's example. */
export function predictForm({ name, instanceSchema, example }) {
  const properties = Object.entries(instanceSchema.properties ?? {});
  const inputs = properties.map(([field, schema]) => ({
    field,
    schema,
    input: inputFor(schema, example[field]),
  }));
  const result = h('div', { 'aria-live': 'polite' });
  const ask = actionButton(
    'Predict',
    async () => {
      const instance = {};
      for (const { field, schema, input } of inputs) {
        // An empty field is a value that is not known: it is left out.
        if (input.value !== '') instance[field] = isNumeric(schema) ? Number(input.value) : input.value;
      }
      try {
        result.replaceChildren(...(await predict(name, instance)));
      } catch (error) {
        result.replaceChildren(h('p', { className: 'error' }, error.message));
      }
    },
    { className: 'main' },
  );
  return h(
    'div',
    {},
    h(
      'div',
      { className: 'fields' },
      inputs.map(({ field, schema, input }) => h('label', { title: schema.description ?? '' }, field, input)),
    ),
    h('div', { className: 'actions' }, ask),
    result,
  );
}

/** A model stored before explanations were is still asked for its prediction. */
async function predict(name, instance) {
  const path = `models/${name}/predict`;
  const body = { instances: [instance] };
  try {
    const answer = await post(path, { ...body, explain: true });
    return [predictionFacts(answer), explanationList(answer.predictions[0].explanation)];
  } catch (error) {
    const refused = error.errors?.find(({ pointer }) => pointer === '/explain');
    if (refused === undefined) throw error;
    return [predictionFacts(await post(path, body)), h('p', { className: 'quiet' }, refused.message)];
  }
}

function predictionFacts({ model, predictions }) {
  const [prediction] = predictions;
  return facts([
    [
      'result',
      h('strong', {}, prediction.label ?? prediction.segment?.toString() ?? number(prediction.value)),
    ],
    ['probability', prediction.probability === undefined ? null : number(prediction.probability)],
    ['tier', prediction.tier],
    ['action', prediction.action],
    ['version', String(model.version)],
    ['prediction', mono(prediction.id)],
  ]);
}

function inputFor(schema, value) {
  const levels = schema.enum ?? schema.anyOf?.find((option) => option.enum !== undefined)?.enum;
  const text = value === null || value === undefined ? '' : String(value);
  if (levels !== undefined) {
    const options = ['', ...levels.filter((level) => level !== null)].map((level) =>
      h('option', {}, String(level)),
    );
    const select = h('select', {}, options);
    select.value = text;
    return select;
  }
  return h(
    'input',
    isNumeric(schema) ? { type: 'number', step: 'any', value: text } : { type: 'text', value: text },
  );
}

function isNumeric(schema) {
  const types = [schema, ...(schema.anyOf ?? [])].flatMap(({ type }) => type ?? []);
  return types.includes('number') || types.includes('integer');
}
