import { defineSearchAttributeKey } from '@temporalio/common';

/** Registered by the local runtime, the compose file's init step and the tests, from this one list. */
export const searchAttributes = {
  pipeline: defineSearchAttributeKey('Pipeline', 'KEYWORD'),
  runKind: defineSearchAttributeKey('RunKind', 'KEYWORD'),
  stage: defineSearchAttributeKey('Stage', 'KEYWORD'),
  modelVersion: defineSearchAttributeKey('ModelVersion', 'INT'),
} as const;
