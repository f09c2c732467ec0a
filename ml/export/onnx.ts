import { encodeMessage, type Message, message, repeated } from './protobuf.ts';

/** A constant of a graph; no dimensions: a scalar. */
export type Tensor = {
  dims: readonly number[];
  values: Float64Array | readonly bigint[] | readonly string[];
};
type ElementType = 'double' | 'int64' | 'string';
export type OnnxNode = {
  op: string;
  /** Names of inputs of the graph, constants, or outputs of nodes before it; `''` leaves an optional one out. */
  inputs: readonly string[];
  output: string;
  attributes?: Readonly<Record<string, number>>;
};
/** A null dimension is the number of rows. */
export type OnnxValue = { name: string; type: ElementType; dims: readonly (number | null)[] };
export type OnnxModel = {
  nodes: readonly OnnxNode[];
  constants: ReadonlyMap<string, Tensor>;
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  metadata: Readonly<Record<string, string>>;
};

/** The oldest that holds all operators used, in double, so that old runtimes load the file too: ONNX 1.8, of 2020. */
const irVersion = 7;
const opset = 13;

/** `TensorProto.DataType` and `AttributeProto.AttributeType` of github.com/onnx/onnx, `onnx/onnx.proto`. */
export const elementTypes = { int64: 7, string: 8, double: 11 } as const;
const intAttribute = 2;

/** The bytes of an ONNX file: a `ModelProto`, whose field numbers are those of `onnx/onnx.proto`. */
export function encodeOnnx({ nodes, constants, inputs, outputs, metadata }: OnnxModel): Uint8Array {
  const graph = message(
    ...repeated(1, nodes.map(nodeMessage)),
    [2, 'model'],
    ...repeated(
      5,
      [...constants].map(([name, tensor]) => tensorMessage(name, tensor)),
    ),
    ...repeated(11, inputs.map(valueMessage)),
    ...repeated(12, outputs.map(valueMessage)),
  );
  const properties = Object.entries(metadata).map(([key, value]) => message([1, key], [2, value]));
  return encodeMessage(
    message(
      [1, irVersion],
      [2, 'perennial'],
      [7, graph],
      [8, message([1, ''], [2, opset])],
      ...repeated(14, properties),
    ),
  );
}

function nodeMessage({ op, inputs, output, attributes = {} }: OnnxNode): Message {
  const list = Object.entries(attributes).map(([name, value]) =>
    message([1, name], [3, value], [20, intAttribute]),
  );
  // Named after what it makes, as runtimes name the node in their errors.
  return message(...repeated(1, inputs), [2, output], [3, output], [4, op], ...repeated(5, list));
}

function tensorMessage(name: string, { dims, values }: Tensor): Message {
  const shape = repeated(1, dims);
  if (values instanceof Float64Array)
    return message(...shape, [2, elementTypes.double], [8, name], [9, littleEndian(values)]);
  if (isTexts(values)) return message(...shape, [2, elementTypes.string], ...repeated(6, values), [8, name]);
  return message(...shape, [2, elementTypes.int64], [8, name], [9, littleEndian(BigInt64Array.from(values))]);
}

/** Little-endian as the format asks: so are the processors that an artifact is read on, see `container.ts`. */
const littleEndian = ({ buffer, byteOffset, byteLength }: Float64Array | BigInt64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const isTexts = (values: readonly bigint[] | readonly string[]): values is readonly string[] =>
  typeof values[0] === 'string';

function valueMessage({ name, type, dims }: OnnxValue): Message {
  const shape = dims.map((size) => (size === null ? message([2, 'rows']) : message([1, size])));
  const tensor = message([1, elementTypes[type]], [2, message(...repeated(1, shape))]);
  return message([1, name], [2, message([1, tensor])]);
}
