import { z } from 'zod';
import type { Sections } from '../learner.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * The bytes of an artifact:
 *
 *   0  magic "PERENNIA"      8 bytes
 *   8  format                uint32
 *  12  length of the head    uint32
 *  16  head                  UTF-8 JSON, sorted keys: { content, sections: [{ name, type, length }] }
 *      sections              each from a multiple of 8 bytes, in the order of the directory, padded with zeros
 *
 * All numbers are little-endian, which every processor that Node supports but IBM Z is: sections are read in place.
 */
export const containerFormat = 1;
export const maxArtifactBytes = 64 * 1024 * 1024;

/** Thrown where bytes are no artifact that this build can read, or a model is too big to become one. */
export class ArtifactError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ArtifactError';
  }
}

const magic = new TextEncoder().encode('PERENNIA');
const headStart = 16;

const elementBytes = { f64: 8, f32: 4, i32: 4, u8: 1 } as const;
type ArrayType = keyof typeof elementBytes;
type Section = Sections[string];

const headSchema = z.strictObject({
  content: z.unknown(),
  sections: z.array(
    z.strictObject({ name: z.string(), type: z.enum(['f64', 'f32', 'i32', 'u8']), length: z.int().min(0) }),
  ),
});

const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

/** Sections are written in the order of their names. */
export function packContainer(content: unknown, sections: Sections): Uint8Array {
  ensureLittleEndian();
  const ordered = Object.entries(sections).sort(([left], [right]) => (left < right ? -1 : 1));
  const directory = ordered.map(([name, section]) => ({
    name,
    type: typeOf(section),
    length: section.length,
  }));
  const head = new TextEncoder().encode(canonicalJson({ content, sections: directory }));
  const size = ordered.reduce(
    (sum, [, section]) => sum + aligned(section.byteLength),
    aligned(headStart + head.length),
  );
  ensureSize(size);

  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, containerFormat, true);
  view.setUint32(12, head.length, true);
  bytes.set(head, headStart);
  let at = aligned(headStart + head.length);
  for (const [, section] of ordered) {
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), at);
    at += aligned(section.byteLength);
  }
  return bytes;
}

/** Whether they begin as an artifact does; they may be damaged behind. */
export const isContainer = (bytes: Uint8Array): boolean =>
  magic.every((byte, index) => bytes[index] === byte);

/** Sections are views into `bytes`, which the caller must not change afterwards. */
export function unpackContainer(bytes: Uint8Array): { content: unknown; sections: Sections } {
  ensureLittleEndian();
  ensureSize(bytes.length);
  if (bytes.length < headStart) throw truncated(bytes.length, headStart);
  if (!isContainer(bytes)) {
    throw new ArtifactError('no artifact: the first 8 bytes are not "PERENNIA"');
  }
  // Typed arrays need aligned bytes, and a driver may hand out a slice of its pool.
  const own = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const view = new DataView(own.buffer, own.byteOffset, own.byteLength);
  const format = view.getUint32(8, true);
  if (format !== containerFormat) {
    const reason = format > containerFormat ? 'a newer build wrote it' : 'it is none';
    throw new ArtifactError(`artifact of format ${format}, this build reads ${containerFormat}: ${reason}`);
  }
  const headLength = view.getUint32(12, true);
  const sectionsStart = aligned(headStart + headLength);
  if (own.length < sectionsStart) throw truncated(own.length, sectionsStart);

  const { content, sections: directory } = parseHead(own.subarray(headStart, headStart + headLength));
  const sections: Record<string, Section> = {};
  let at = sectionsStart;
  for (const { name, type, length } of directory) {
    const byteLength = length * elementBytes[type];
    if (own.length < at + aligned(byteLength)) throw truncated(own.length, at + aligned(byteLength), name);
    sections[name] = viewOf(type, own.subarray(at, at + byteLength));
    at += aligned(byteLength);
  }
  if (own.length !== at) {
    throw new ArtifactError(
      `artifact of ${own.length} bytes, ${own.length - at} more than its sections hold`,
    );
  }
  return { content, sections };
}

function parseHead(bytes: Uint8Array): z.infer<typeof headSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ArtifactError('the head of the artifact is no JSON', { cause: error });
  }
  const head = headSchema.safeParse(json);
  if (head.success) return head.data;
  throw new ArtifactError(`the head of the artifact is damaged: ${z.prettifyError(head.error)}`);
}

function viewOf(type: ArrayType, { buffer, byteOffset, byteLength }: Uint8Array): Section {
  const length = byteLength / elementBytes[type];
  switch (type) {
    case 'f64':
      return new Float64Array(buffer, byteOffset, length);
    case 'f32':
      return new Float32Array(buffer, byteOffset, length);
    case 'i32':
      return new Int32Array(buffer, byteOffset, length);
    case 'u8':
      return new Uint8Array(buffer, byteOffset, length);
    default:
      return type satisfies never;
  }
}

function typeOf(section: Section): ArrayType {
  if (section instanceof Float64Array) return 'f64';
  if (section instanceof Float32Array) return 'f32';
  return section instanceof Int32Array ? 'i32' : 'u8';
}

function truncated(bytes: number, needed: number, section?: string): ArtifactError {
  const place = section === undefined ? 'head' : `section '${section}'`;
  return new ArtifactError(`artifact cut off in its ${place}: ${bytes} bytes, at least ${needed} needed`);
}

function ensureSize(bytes: number): void {
  if (bytes > maxArtifactBytes) {
    throw new ArtifactError(`artifact of ${bytes} bytes, at most ${maxArtifactBytes} are allowed`);
  }
}

function ensureLittleEndian(): void {
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] !== 1) {
    throw new ArtifactError('artifacts are read and written on little-endian machines only');
  }
}
