/**
 * What writing an ONNX file takes of Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding): numbers
 * as varints, everything else with its length before it. A library would bring a schema compiler for these lines.
 */
export type Field = readonly [number: number, value: FieldValue];
/** A message is the list of its fields; a list of values is the field repeated. */
type FieldValue = number | string | Uint8Array | Message;
export type Message = { readonly fields: readonly Field[] };

const varintType = 0;
const lengthDelimitedType = 2;

export const message = (...fields: readonly Field[]): Message => ({ fields });

export const repeated = (number: number, values: readonly FieldValue[]): Field[] =>
  values.map((value) => [number, value]);

export function encodeMessage({ fields }: Message): Uint8Array {
  return concatenate(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8 + varintType), varint(value)];
      const bytes = bytesOf(value);
      return [varint(number * 8 + lengthDelimitedType), varint(bytes.length), bytes];
    }),
  );
}

function bytesOf(value: Exclude<FieldValue, number>): Uint8Array {
  if (typeof value === 'string') return new TextEncoder().encode(value);
  return value instanceof Uint8Array ? value : encodeMessage(value);
}

/** @throws RangeError for a negative or fractional number: these have other encodings, which nothing here writes */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no varint`);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Uint8Array.of(...bytes, rest);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
