import type { Artifact } from '../artifact.ts';
import type { Design } from '../learners/design-matrix.ts';
import type { TargetRange } from '../range.ts';
import { outputsOf } from '../scorer.ts';
import type { Layered, NearestCentre, TensorForm } from '../tensor-form.ts';
import { elementTypes, type OnnxModel, type OnnxNode, type Tensor } from './onnx.ts';

type Decided = Pick<Artifact, 'task' | 'classes' | 'threshold' | 'decisionWeights' | 'range'>;
type Graph = {
  constant(name: string, tensor: Tensor): string;
  /** Gives the name of what the node makes. */
  node(output: string, op: string, inputs: readonly string[], attributes?: OnnxNode['attributes']): string;
};

/** Rows × columns, doubles: the dense columns, then codes as numbers. */
const features = 'features';

/**
 * The learner in operators of ONNX's own domain. Its input is rows as the recipe prepares them; its outputs are
 * `prediction` (rows × outputs: see `Predictor`, held to the target's range) and, for classes and clusters, `decision`
 * (rows). All in doubles, which keeps answers within rounding of ours.
 */
export function toOnnxModel(
  form: TensorForm,
  decided: Decided,
): Pick<OnnxModel, 'nodes' | 'constants' | 'inputs' | 'outputs'> {
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, Tensor>();
  const graph: Graph = {
    constant(name, tensor) {
      constants.set(name, tensor);
      return name;
    },
    node(output, op, inputs, attributes = {}) {
      nodes.push({ op, inputs, output, attributes });
      return output;
    },
  };
  if (form.kind === 'layers') addLayers(graph, form, decided.range);
  else addNearestCentre(graph, form);
  if (decided.classes !== null) addDecision(graph, decided, decided.classes);
  const width =
    form.kind === 'layers' ? form.design.dense.length + form.design.codes.length : form.columns.length;
  return {
    nodes,
    constants,
    inputs: [{ name: features, type: 'double', dims: [null, width] }],
    outputs: [
      { name: 'prediction', type: 'double', dims: [null, outputsOf(decided)] },
      ...(decided.classes === null
        ? []
        : [{ name: 'decision', type: 'string' as const, dims: [null] as const }]),
    ],
  };
}

function addLayers(
  graph: Graph,
  { design, layers, activation, link, target }: Layered,
  range: TargetRange | null,
): void {
  const means = graph.constant('means', row(design.means));
  const spreads = graph.constant('spreads', row(design.spreads));
  const centred = graph.node('centred', 'Sub', [addColumns(graph, design), means]);
  let values = graph.node('standardised', 'Div', [centred, spreads]);
  for (const [i, { inputs, outputs, weights, biases }] of layers.entries()) {
    const factor = graph.constant(`weights_${i}`, { dims: [inputs, outputs], values: weights });
    const product = graph.node(`products_${i}`, 'MatMul', [values, factor]);
    const bias = graph.constant(`biases_${i}`, { dims: [outputs], values: biases });
    values = graph.node(`sums_${i}`, 'Add', [product, bias]);
    if (i + 1 < layers.length)
      values = graph.node(`units_${i}`, activation === 'relu' ? 'Relu' : 'Tanh', [values]);
  }
  if (link === 'sigmoid') values = graph.node('probability', 'Sigmoid', [values]);
  if (link === 'softmax') values = graph.node('probabilities', 'Softmax', [values], { axis: 1 });
  if (target.mean !== 0 || target.spread !== 1) {
    const spread = graph.constant('target_spread', scalar(target.spread));
    const mean = graph.constant('target_mean', scalar(target.mean));
    values = graph.node('value', 'Add', [graph.node('scaled', 'Mul', [values, spread]), mean]);
  }
  const bounds = [range?.min ?? null, range?.max ?? null].map((bound, i) =>
    bound === null ? '' : graph.constant(['least', 'greatest'][i] as string, scalar(bound)),
  );
  if (bounds.some((name) => name !== '')) graph.node('prediction', 'Clip', [values, ...bounds]);
  else graph.node('prediction', 'Identity', [values]);
}

/** Columns of the design: dense ones, then for each level 1 where the code is the level's; a missing one equals none. */
function addColumns(graph: Graph, { dense, codes }: Pick<Design, 'dense' | 'codes'>): string {
  if (codes.length === 0) return features;
  const columns = codes.flatMap(({ levels }, i) => levels.map(() => dense.length + i));
  const levels = codes.flatMap(({ levels: list }) => list.map((_, level) => level));
  const codesOf = graph.node(
    'codes',
    'Gather',
    [features, graph.constant('code_columns', indices(columns))],
    {
      axis: 1,
    },
  );
  const isLevel = graph.node('is_level', 'Equal', [codesOf, graph.constant('levels', row(levels))]);
  const ones = graph.node('level_columns', 'Cast', [isLevel], { to: elementTypes.double });
  if (dense.length === 0) return ones;
  const numbers = graph.constant('dense_columns', indices(dense.map((_, i) => i)));
  const numbersOf = graph.node('numbers', 'Gather', [features, numbers], { axis: 1 });
  return graph.node('columns', 'Concat', [numbersOf, ones], { axis: 1 });
}

/** Squared distances as differences, as they are at training: the product form would lose digits. */
function addNearestCentre(graph: Graph, { columns, centres }: NearestCentre): void {
  const points = graph.node('points', 'Unsqueeze', [features, graph.constant('middle', indices([1]))]);
  const table = graph.constant('centres', {
    dims: [centres.length, columns.length],
    values: Float64Array.from(centres.flat()),
  });
  const differences = graph.node('differences', 'Sub', [points, table]);
  const squares = graph.node('squares', 'Mul', [differences, differences]);
  const distances = graph.node('distances', 'ReduceSum', [squares, graph.constant('last', indices([2]))], {
    keepdims: 0,
  });
  const nearest = graph.node('nearest', 'ArgMin', [distances], { axis: 1, keepdims: 1 });
  graph.node('prediction', 'Cast', [nearest], { to: elementTypes.double });
}

/** The class or the cluster's name, as `decide` finds it. */
function addDecision(
  graph: Graph,
  { task, threshold, decisionWeights }: Decided,
  classes: readonly string[],
): void {
  const names = graph.constant('classes', { dims: [classes.length], values: classes });
  const gather = (index: string) => graph.node('decision', 'Gather', [names, index], { axis: 0 });
  if (task === 'multiclass') {
    const worths =
      decisionWeights === undefined
        ? 'prediction'
        : graph.node('worths', 'Mul', [
            'prediction',
            graph.constant('decision_weights', row(decisionWeights)),
          ]);
    gather(graph.node('most_probable', 'ArgMax', [worths], { axis: 1, keepdims: 0 }));
    return;
  }
  const numbers =
    task === 'binary'
      ? graph.node('reaches_threshold', 'GreaterOrEqual', [
          'prediction',
          graph.constant('threshold', scalar(threshold ?? 0.5)),
        ])
      : 'prediction';
  const table = graph.node('indices', 'Cast', [numbers], { to: elementTypes.int64 });
  gather(graph.node('index', 'Squeeze', [table, graph.constant('outputs', indices([1]))]));
}

const row = (values: readonly number[]): Tensor => ({
  dims: [1, values.length],
  values: Float64Array.from(values),
});
const scalar = (value: number): Tensor => ({ dims: [], values: Float64Array.of(value) });
const indices = (values: readonly number[]): Tensor => ({
  dims: [values.length],
  values: values.map(BigInt),
});
