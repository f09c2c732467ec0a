import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../../ml/artifact/canonical-json.ts';
import { ArtifactError, packContainer, unpackContainer } from '../../ml/artifact/container.ts';
import { type Artifact, decodeArtifact, encodeArtifact } from '../../ml/artifact.ts';
import { createScorer, verifyGoldenRows } from '../../ml/scorer.ts';
import { instances, trainArtifact } from './scorer-cases.ts';

const artifact = trainArtifact({ task: 'binary', learner: 'gradient-boosting', classes: ['no', 'yes'] });
const bytes = encodeArtifact(artifact);

describe('an artifact', () => {
  it('is the same after its round trip, and scores the same', () => {
    const loaded = decodeArtifact(bytes);
    expect(loaded).toEqual(artifact);
    expect(verifyGoldenRows(loaded, 0)).toEqual([]);
    expect(createScorer(loaded).scoreInstances(instances)).toEqual(
      createScorer(artifact).scoreInstances(instances),
    );
  });

  it('has the same bytes whenever it is trained and in whatever order its keys were set', () => {
    const again = trainArtifact({ task: 'binary', learner: 'gradient-boosting', classes: ['no', 'yes'] });
    const turned = Object.fromEntries(Object.entries(again).reverse());
    expect(encodeArtifact({ ...again, ...turned })).toEqual(bytes);
    expect(encodeArtifact(decodeArtifact(bytes))).toEqual(bytes);
  });

  it('is read from a slice at any offset of a bigger buffer', () => {
    for (let offset = 0; offset < 9; offset++) {
      const pool = new Uint8Array(bytes.length + 16);
      pool.set(bytes, offset);
      expect(decodeArtifact(pool.subarray(offset, offset + bytes.length))).toEqual(artifact);
    }
  });

  it('is refused wherever it is cut off', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        expect(() => decodeArtifact(bytes.subarray(0, length))).toThrow(
          /artifact cut off in its (head|section)/,
        );
      }),
    );
  });

  it('is refused, or still well formed, with any one byte of its head changed', () => {
    const headLength = new DataView(bytes.buffer).getUint32(12, true);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 15 + headLength }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const damaged = bytes.slice();
          damaged[at] = (damaged[at] ?? 0) ^ by;
          try {
            expect(decodeArtifact(damaged).format).toBe(1);
          } catch (error) {
            expect(error).toBeInstanceOf(ArtifactError);
          }
        },
      ),
    );
  });

  it('tells other bytes, another format, a longer file and a damaged head apart', () => {
    const changed = (change: (copy: Uint8Array) => void) => {
      const copy = bytes.slice();
      change(copy);
      return () => decodeArtifact(copy);
    };
    expect(() => decodeArtifact(new TextEncoder().encode('{"model": "something else"}'))).toThrow(
      'no artifact: the first 8 bytes are not "PERENNIA"',
    );
    expect(changed((copy) => new DataView(copy.buffer).setUint32(8, 2, true))).toThrow(
      'artifact of format 2, this build reads 1: a newer build wrote it',
    );
    expect(() => decodeArtifact(new Uint8Array([...bytes, ...new Uint8Array(8)]))).toThrow(
      '8 more than its sections hold',
    );
    expect(changed((copy) => copy.fill(0xff, 20, 24))).toThrow('the head of the artifact is no JSON');
  });

  it('is read though it was stored before predictions were held to a range', () => {
    const { content, sections } = unpackContainer(bytes);
    const { range: _, ...earlier } = z.record(z.string(), z.unknown()).parse(content);
    expect(decodeArtifact(packContainer(earlier, sections)).range).toBeNull();
  });

  it('names what is wrong with its content', () => {
    const { content, sections } = unpackContainer(bytes);
    const pack = (change: object) => packContainer({ ...Object(content), ...change }, sections);
    expect(() => decodeArtifact(pack({ task: 'divination' }))).toThrow(/at task/);
    expect(() => decodeArtifact(pack({ secret: 1 }))).toThrow(/secret/);
    expect(() => decodeArtifact(pack({ lookups: [{ name: 'gone', keys: ['a'], values: ['b'] }] }))).toThrow(
      "look-up 'gone' has no values of 'b' for 1 keys",
    );
  });

  it('is bounded at 64 MiB', () => {
    const big: Artifact = {
      ...artifact,
      sections: { ...artifact.sections, big: new Uint8Array(64 * 1024 * 1024) },
    };
    expect(() => encodeArtifact(big)).toThrow('at most 67108864 are allowed');
    expect(() => decodeArtifact(new Uint8Array(64 * 1024 * 1024 + 1))).toThrow(
      'at most 67108864 are allowed',
    );
  });

  it('refuses what JSON would lose', () => {
    expect(() => encodeArtifact({ ...artifact, baseline: { mean: Number.NaN } })).toThrow(
      '/content/baseline/mean: NaN has no JSON form',
    );
  });
});

describe('the container', () => {
  const section = fc.oneof(
    fc.array(fc.double()).map((values) => Float64Array.from(values)),
    fc.array(fc.float()).map((values) => Float32Array.from(values)),
    fc.array(fc.integer()).map((values) => Int32Array.from(values)),
    fc.array(fc.integer({ min: 0, max: 255 })).map((values) => Uint8Array.from(values)),
  );

  it('keeps every section to the bit, each from a multiple of 8 bytes', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(name, section, { noNullPrototype: true }), (sections) => {
        const packed = unpackContainer(packContainer(null, sections));
        expect(packed.sections).toEqual(sections);
        for (const { byteOffset } of Object.values(packed.sections)) expect(byteOffset % 8).toBe(0);
      }),
    );
  });
});

describe('canonicalJson', () => {
  it('says the same as JSON, with one spelling for each value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });
});
