import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { assertPayloadFits, payloadLimitBytes } from '../../contracts/payload.ts';
import { guardActivityPayloads } from '../../worker/payload-guard.ts';

/** A text whose JSON, quotes included, has this many bytes. */
const jsonOf = (bytes: number): string => 'x'.repeat(bytes - 2);

test('a payload of exactly the limit passes, and one byte more is refused by name, size and limit', () => {
  assertPayloadFits(jsonOf(payloadLimitBytes), 'activity buildRows');
  const refuse = () => assertPayloadFits(jsonOf(payloadLimitBytes + 1), 'activity buildRows');
  expect(refuse).toThrow(ApplicationFailure);
  expect(refuse).toThrow(
    `activity buildRows carries ${payloadLimitBytes + 1} bytes; the limit is ${payloadLimitBytes}`,
  );
});

test('bytes are counted as UTF-8, not as characters', () => {
  for (const letter of ['é', '漢', '😀']) {
    const text = letter.repeat(Math.floor((payloadLimitBytes - 2) / Buffer.byteLength(letter)));
    assertPayloadFits(text, 'text');
    expect(() => assertPayloadFits(text + letter, 'text')).toThrow('carries');
  }
});

test('what has no JSON is nothing to send', () => {
  assertPayloadFits(undefined, 'result');
});

test("an activity whose result is too big fails for good, in our words and not the server's", async () => {
  const { execute } = guardActivityPayloads('buildRows');
  const guarded = execute?.({ args: [], headers: {} }, async () => jsonOf(payloadLimitBytes + 1));
  await expect(guarded).rejects.toMatchObject({
    type: 'PayloadTooLarge',
    nonRetryable: true,
    message: expect.stringContaining('the result of activity buildRows'),
  });
});
