import { ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/common';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import type { PermanentFailureType } from '../contracts/activity-profiles.ts';
import { SourceUnavailable } from '../data/errors.ts';

/** A message travels in every history and run that quotes it. */
const maxMessageLength = 4_000;

/**
 * Errors that no retry can mend, by their name: those of a thread arrive without their class.
 * Whatever is not listed is taken for passing, and retried.
 */
const permanent: Readonly<Record<string, PermanentFailureType>> = {
  DataInvalid: 'DataInvalid',
  InvalidSource: 'DataInvalid',
  SourceRefused: 'DataInvalid',
  DemoLanguagesRefused: 'DataInvalid',
  SourceDiffers: 'DataInvalid',
  PageUnlike: 'DataInvalid',
  NotRecords: 'DataInvalid',
  UnknownDemo: 'NotFound',
  SourceNotFound: 'NotFound',
  RowNotFound: 'NotFound',
  BlobMissing: 'NotFound',
  UnknownPart: 'NotFound',
  PipelineUnknown: 'NotFound',
  CollectorUnknown: 'NotFound',
  SettingsDiffer: 'SettingsDiffer',
  RowsInvalid: 'SchemaMismatch',
  RecipeError: 'SchemaMismatch',
  InvalidClusters: 'SchemaMismatch',
  StaleVersion: 'StaleVersion',
  ReplicaRefused: 'NotServable',
  ArtifactError: 'LearnerFailed',
  LearnerFailed: 'LearnerFailed',
};

/** The one place where an error becomes what Temporal is told. */
export function toFailure(thrown: unknown): Error {
  // A failed statement's error quotes its parameters, a whole model among them. A failure of that size would be
  // refused by Temporal, and with it the retry.
  const error = thrown instanceof DrizzleQueryError ? (thrown.cause ?? 'a statement failed') : thrown;
  if (error instanceof TemporalFailure) return error;
  if (!(error instanceof Error)) return ApplicationFailure.retryable(String(error));
  const type = Object.hasOwn(permanent, error.name) ? permanent[error.name] : undefined;
  return ApplicationFailure.create({
    message: error.message.slice(0, maxMessageLength),
    type: type ?? error.name,
    nonRetryable: type !== undefined,
    // What another server asked for; the profile's own bounds hold all the same.
    ...(error instanceof SourceUnavailable && error.retryAfterMs !== undefined
      ? { nextRetryDelay: error.retryAfterMs }
      : {}),
    // Its own message and stack are quoted whole.
    ...(error.message.length > maxMessageLength ? {} : { cause: error }),
  });
}

export const isCancelled = (error: unknown): boolean => error instanceof CancelledFailure;
