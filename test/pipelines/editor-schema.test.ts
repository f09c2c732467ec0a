import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { editorSchema } from '../../pipelines/editor-schema.ts';

const file = fileURLToPath(new URL('../../contracts/pipeline.schema.json', import.meta.url));

// `npx vitest run test/pipelines -u && npx biome check --write contracts` writes it anew.
test('contracts/pipeline.schema.json is what the declarations are checked by', async () => {
  const current = JSON.parse(await readFile(file, 'utf8'));
  const wanted = JSON.parse(JSON.stringify(editorSchema()));
  if (!isDeepStrictEqual(current, wanted))
    await expect(JSON.stringify(wanted, null, 2)).toMatchFileSnapshot(file);
  expect(wanted).toHaveProperty('oneOf');
});

test('a file that includes others may leave keys to them', () => {
  const { oneOf } = editorSchema();
  expect(oneOf).toHaveLength(4);
  expect(oneOf).toContainEqual(
    expect.objectContaining({
      required: ['task'],
      if: { required: ['include'] },
      else: { required: expect.arrayContaining(['tables', 'features', 'candidates']) },
    }),
  );
});
