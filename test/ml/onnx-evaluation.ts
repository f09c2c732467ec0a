/** Reads an ONNX file back and computes its graph, with the few operators that our exports use, in their plainest form. */

type Value = number | string;
export type Tensor = { dims: readonly number[]; values: readonly Value[] };
type Node = {
  op: string;
  inputs: readonly string[];
  output: string;
  attributes: ReadonlyMap<string, number>;
};
export type ReadModel = {
  irVersion: number;
  opset: number;
  nodes: readonly Node[];
  constants: ReadonlyMap<string, Tensor>;
  outputs: readonly string[];
  metadata: Readonly<Record<string, string>>;
};

type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

function readFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('cut off in a varint');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const list = fields.get(key >> 3) ?? [];
    fields.set(key >> 3, list);
    if ((key & 7) === 0) list.push(varint());
    else if ((key & 7) === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new RangeError('cut off in a field');
      list.push(bytes.slice(at, at + length));
      at += length;
    } else throw new RangeError(`wire type ${key & 7}`);
  }
  return fields;
}

const messages = (fields: Fields, number: number): Uint8Array[] =>
  (fields.get(number) ?? []).filter((value) => value instanceof Uint8Array);
const texts = (fields: Fields, number: number): string[] =>
  messages(fields, number).map((bytes) => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
const text = (fields: Fields, number: number): string => texts(fields, number)[0] ?? '';
const numbers = (fields: Fields, number: number): number[] =>
  (fields.get(number) ?? []).filter((value) => typeof value === 'number');
const number = (fields: Fields, place: number): number => numbers(fields, place)[0] ?? 0;
const child = (fields: Fields, place: number): Fields =>
  readFields(messages(fields, place)[0] ?? new Uint8Array());

export function readOnnx(bytes: Uint8Array): ReadModel {
  const model = readFields(bytes);
  const graph = child(model, 7);
  return {
    irVersion: number(model, 1),
    opset: number(child(model, 8), 2),
    nodes: messages(graph, 1).map((node) => readNode(readFields(node))),
    constants: new Map(messages(graph, 5).map((tensor) => readTensor(readFields(tensor)))),
    outputs: messages(graph, 12).map((value) => text(readFields(value), 1)),
    metadata: Object.fromEntries(
      messages(model, 14)
        .map(readFields)
        .map((entry) => [text(entry, 1), text(entry, 2)]),
    ),
  };
}

function readNode(node: Fields): Node {
  const attributes = messages(node, 5)
    .map(readFields)
    .map((attribute) => [text(attribute, 1), number(attribute, 3)] as const);
  return {
    op: text(node, 4),
    inputs: texts(node, 1),
    output: text(node, 2),
    attributes: new Map(attributes),
  };
}

function readTensor(tensor: Fields): [string, Tensor] {
  const raw = Uint8Array.from(messages(tensor, 9)[0] ?? []).buffer;
  const values: Record<number, () => readonly Value[]> = {
    7: () => Array.from(new BigInt64Array(raw), Number),
    8: () => texts(tensor, 6),
    11: () => [...new Float64Array(raw)],
  };
  const read = values[number(tensor, 2)];
  if (read === undefined) throw new RangeError(`data type ${number(tensor, 2)}`);
  return [text(tensor, 8), { dims: numbers(tensor, 1), values: read() }];
}

export function evaluate(model: ReadModel, features: Tensor): ReadonlyMap<string, Tensor> {
  const known = new Map<string, Tensor>([...model.constants, ['features', features]]);
  for (const { op, inputs, output, attributes } of model.nodes) {
    const of = (place: number): Tensor => {
      const found = known.get(inputs[place] ?? '');
      if (found === undefined) throw new RangeError(`${op} of ${inputs[place]}`);
      return found;
    };
    const compute = operators[op];
    if (compute === undefined) throw new RangeError(`no operator ${op}`);
    known.set(output, compute(of, { has: (place) => (inputs[place] ?? '') !== '', attributes }));
  }
  return new Map(model.outputs.map((name) => [name, known.get(name) ?? { dims: [], values: [] }]));
}

type Call = { has: (place: number) => boolean; attributes: ReadonlyMap<string, number> };
type Operator = (of: (place: number) => Tensor, call: Call) => Tensor;

const size = (dims: readonly number[]) => dims.reduce((product, dim) => product * dim, 1);

const each =
  (apply: (value: number) => number): Operator =>
  (of) => ({ dims: of(0).dims, values: of(0).values.map((value) => apply(Number(value))) });

/** With the broadcasting of NumPy. */
const pairs =
  (apply: (left: number, right: number) => number): Operator =>
  (of) => {
    const [left, right] = [of(0), of(1)];
    const rank = Math.max(left.dims.length, right.dims.length);
    const pad = ({ dims }: Tensor) => [...new Array<number>(rank - dims.length).fill(1), ...dims];
    const [a, b] = [pad(left), pad(right)];
    const dims = a.map((dim, i) => (dim === 1 ? (b[i] ?? 1) : dim));
    const at = (own: readonly number[], tensor: Tensor, place: number) => {
      let rest = place;
      let index = 0;
      let stride = 1;
      for (let i = rank - 1; i >= 0; i--) {
        const position = rest % (dims[i] ?? 1);
        rest = Math.floor(rest / (dims[i] ?? 1));
        if (own[i] !== 1) index += position * stride;
        stride *= own[i] ?? 1;
      }
      return Number(tensor.values[index]);
    };
    const values = Array.from({ length: size(dims) }, (_, i) => apply(at(a, left, i), at(b, right, i)));
    return { dims, values };
  };

/** Of each row of a matrix; `apply` gives the row that stands for it. */
const rows = ({ dims, values }: Tensor, apply: (row: readonly Value[]) => readonly Value[]) =>
  Array.from({ length: dims[0] ?? 0 }, (_, row) => {
    const width = size(dims.slice(1));
    return apply(values.slice(row * width, (row + 1) * width));
  });

const best =
  (isBetter: (value: number, than: number) => boolean): Operator =>
  (of, { attributes }) => {
    const found = rows(of(0), (row) => [
      row.reduce<number>((at, value, i) => (isBetter(Number(value), Number(row[at])) ? i : at), 0),
    ]);
    return {
      dims: attributes.get('keepdims') === 1 ? [found.length, 1] : [found.length],
      values: found.flat(),
    };
  };

const operators: Readonly<Record<string, Operator>> = {
  Add: pairs((left, right) => left + right),
  Sub: pairs((left, right) => left - right),
  Mul: pairs((left, right) => left * right),
  Div: pairs((left, right) => left / right),
  Equal: pairs((left, right) => Number(left === right)),
  GreaterOrEqual: pairs((left, right) => Number(left >= right)),
  Identity: (of) => of(0),
  Cast: each((value) => value),
  Relu: each((value) => Math.max(0, value)),
  Tanh: each(Math.tanh),
  Sigmoid: each((value) => 1 / (1 + Math.exp(-value))),
  Clip: (of, { has }) =>
    each((value) =>
      Math.min(
        has(2) ? Number(of(2).values[0]) : Number.POSITIVE_INFINITY,
        Math.max(has(1) ? Number(of(1).values[0]) : Number.NEGATIVE_INFINITY, value),
      ),
    )(of, { has, attributes: new Map() }),
  Softmax: (of) => ({
    dims: of(0).dims,
    values: rows(of(0), (row) => {
      const largest = Math.max(...row.map(Number));
      const odds = row.map((value) => Math.exp(Number(value) - largest));
      const sum = odds.reduce((total, value) => total + value, 0);
      return odds.map((value) => value / sum);
    }).flat(),
  }),
  MatMul: (of) => {
    const { dims, values } = of(1);
    const [inputs = 0, outputs = 0] = dims;
    const products = rows(of(0), (row) =>
      Array.from({ length: outputs }, (_, output) => {
        let sum = 0;
        for (let i = 0; i < inputs; i++) sum += Number(row[i]) * Number(values[i * outputs + output]);
        return sum;
      }),
    );
    return { dims: [products.length, outputs], values: products.flat() };
  },
  Gather: (of, { attributes }) => {
    const [table, places] = [of(0), of(1).values.map(Number)];
    if (attributes.get('axis') === 0)
      return { dims: [places.length], values: places.map((place) => table.values[place] ?? '') };
    const gathered = rows(table, (row) => places.map((place) => row[place] ?? Number.NaN));
    return { dims: [gathered.length, places.length], values: gathered.flat() };
  },
  Concat: (of) => {
    const [left, right] = [rows(of(0), (row) => row), rows(of(1), (row) => row)];
    const joined = left.map((row, i) => [...row, ...(right[i] ?? [])]);
    return { dims: [joined.length, (of(0).dims[1] ?? 0) + (of(1).dims[1] ?? 0)], values: joined.flat() };
  },
  Unsqueeze: (of) => {
    const dims = [...of(0).dims];
    dims.splice(Number(of(1).values[0]), 0, 1);
    return { dims, values: of(0).values };
  },
  Squeeze: (of) => ({
    dims: of(0).dims.filter((_, i) => i !== of(1).values[0]),
    values: of(0).values,
  }),
  /** Along the last dimension. */
  ReduceSum: (of) => {
    const { dims, values } = of(0);
    const width = dims.at(-1) ?? 1;
    const sums = Array.from({ length: values.length / width }, (_, i) =>
      values.slice(i * width, (i + 1) * width).reduce<number>((sum, value) => sum + Number(value), 0),
    );
    return { dims: dims.slice(0, -1), values: sums };
  },
  ArgMin: best((value, than) => value < than),
  ArgMax: best((value, than) => value > than),
};
