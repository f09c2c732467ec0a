import { CancelledFailure } from '@temporalio/common';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { describe, expect, test } from 'vitest';
import { chooseChampion } from '../../activities/champion.ts';
import { whyNotComparable } from '../../activities/comparability.ts';
import { toFailure } from '../../activities/failure.ts';
import { reasonToRetrain } from '../../activities/retraining.ts';
import type { CandidateResult } from '../../contracts/activities.ts';
import { sha256Schema } from '../../contracts/ids.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { StaleVersion } from '../../db/errors.ts';
import { ThreadFailure, ThreadLost } from '../../threads/errors.ts';

describe('the champion', () => {
  const sha256 = sha256Schema.parse('0'.repeat(64));
  const candidate = (name: string, selectionScore: number, metrics = {}): CandidateResult => ({
    candidate: name,
    learner: name,
    variant: null,
    selectionScore,
    metrics,
    threshold: null,
    artifact: { sha256, bytes: 1, artifactSha256: sha256 },
  });

  const declared = ['linear', 'boosting', 'forest', 'tree'];
  const choose = (candidates: CandidateResult[], tieBreak?: Pipeline['selection']['tieBreak']) =>
    chooseChampion(candidates, { declared, tieBreak }).candidate;

  test('has the highest out-of-fold score', () => {
    expect(choose([candidate('linear', 0.2), candidate('boosting', 0.5), candidate('forest', 0.4)])).toBe(
      'boosting',
    );
  });

  test('is the first declared of equal ones, in whatever order they were asked for', () => {
    const equal = [candidate('forest', 0.5), candidate('linear', 0.5), candidate('boosting', 0.5)];
    expect(choose(equal)).toBe('linear');
    expect(choose(equal.toReversed())).toBe('linear');
    expect(choose(equal, { within: 0.1, by: 'logLoss' })).toBe('linear');
  });

  test('cannot be chosen among none', () => {
    expect(() => choose([])).toThrow(RangeError);
  });

  test('is the best by the tie-break among those within it, and never one further behind', () => {
    const candidates = [
      candidate('linear', 0.8, { logLoss: 0.5 }),
      candidate('boosting', 0.796, { logLoss: 0.3 }),
      candidate('forest', 0.794, { logLoss: 0.1 }),
      candidate('tree', 0.799, {}),
    ];
    expect(choose(candidates, { within: 0.005, by: 'logLoss' })).toBe('boosting');
  });
});

describe('a retraining', () => {
  const nowMs = Date.parse('2026-03-01T00:00:00Z');
  const production = {
    version: 3,
    snapshotId: 'a'.repeat(64),
    pipelineSha256: 'c'.repeat(64),
    trainedAtMs: nowMs - 86_400_000,
  };
  const decide = (overrides: Partial<Parameters<typeof reasonToRetrain>[0]>) =>
    reasonToRetrain({ asked: null, ...production, maxAgeDays: 30, nowMs, production, ...overrides });

  test('has no reason on the snapshot that production was trained on', () => {
    expect(decide({})).toEqual({ retrain: false, reason: expect.stringContaining('unchanged') });
  });

  test.each([
    ['a person asked', { asked: 'new features' }, 'new features'],
    ['nothing is in production', { production: null }, 'no version is in production'],
    ['the snapshot differs', { snapshotId: 'b'.repeat(64) }, 'new data'],
    ['the declaration differs', { pipelineSha256: 'd'.repeat(64) }, 'has changed since version 3'],
    [
      'the version is old',
      { production: { ...production, trainedAtMs: nowMs - 31 * 86_400_000 } },
      '31 days old; the limit is 30',
    ],
    ['the version is older than declared', { maxAgeDays: 0.5 }, '1 days old; the limit is 0.5'],
  ])('has a reason where %s', (_, overrides, reason) => {
    expect(decide(overrides)).toEqual({ retrain: true, reason: expect.stringContaining(reason) });
  });
});

describe('an error of an activity', () => {
  test('that no retry can mend is permanent, and keeps its cause', () => {
    const error = new StaleVersion('olist-score', 3, 4);
    expect(toFailure(error)).toMatchObject({ type: 'StaleVersion', nonRetryable: true, cause: error });
  });

  test('that crossed from a thread is told by its name', () => {
    const error = new ThreadFailure({ name: 'LearnerFailed', message: 'no rows', stack: undefined });
    expect(toFailure(error)).toMatchObject({ type: 'LearnerFailed', nonRetryable: true, message: 'no rows' });
  });

  test('that may pass is retried', () => {
    expect(toFailure(new ThreadLost('exited'))).toMatchObject({ type: 'ThreadLost', nonRetryable: false });
  });

  test('is left as it is where Temporal made it', () => {
    const cancelled = new CancelledFailure('stop');
    expect(toFailure(cancelled)).toBe(cancelled);
  });

  test('is cut to a length that histories can carry', () => {
    const failure = toFailure(new Error('x'.repeat(100_000)));
    expect(failure.message.length).toBeLessThanOrEqual(4_000);
    expect(failure.cause).toBeUndefined();
  });

  test('a failed statement is retried, and quotes none of its parameters', () => {
    const cause = Object.assign(new Error('the connection is closed'), { code: 'CONNECTION_CLOSED' });
    const model = 'x'.repeat(5_000_000);
    const failure = toFailure(new DrizzleQueryError('insert into artifacts values ($1)', [model], cause));
    expect(failure).toMatchObject({ nonRetryable: false, message: 'the connection is closed', cause });
  });
});

describe('two versions are comparable', () => {
  const byKey: Pipeline['split'] = { by: 'key', share: 0.2, salt: 'olist' };
  const reason = (ours: Pipeline['split'], theirs: Pipeline['split']) =>
    whyNotComparable({ split: ours, rowsKey: 'order_id' }, { split: theirs, rowsKey: 'order_id' });

  test('where the same key hash held out their rows', () => {
    expect(reason(byKey, { ...byKey })).toBeNull();
  });

  test('not with another salt or share, nor by stratified draws', () => {
    expect(reason(byKey, { ...byKey, salt: 'other' })).not.toBeNull();
    expect(reason(byKey, { ...byKey, share: 0.3 })).not.toBeNull();
    const drawn: Pipeline['split'] = { by: 'stratified', share: 0.2, seed: 1 };
    expect(reason(drawn, { ...drawn })).not.toBeNull();
  });

  test('not by the hash of another key, nor of one that was not recorded', () => {
    const ours = { split: byKey, rowsKey: 'customer_id' };
    expect(whyNotComparable(ours, { split: byKey, rowsKey: 'order_id' })).toBe(
      'the two versions held out their rows by the keys "customer_id" and "order_id"',
    );
    expect(whyNotComparable(ours, { split: byKey })).toContain('and unknown');
  });

  test('by a cut-off that is no earlier than production has it', () => {
    const cutoff = (date: string): Pipeline['split'] => ({ by: 'cutoff', column: 'day', date });
    expect(reason(cutoff('2018-02-01'), cutoff('2018-01-01'))).toBeNull();
    expect(reason(cutoff('2018-01-01'), cutoff('2018-02-01'))).not.toBeNull();
  });
});
