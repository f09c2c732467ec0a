import { createHash } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { sha256Schema } from '../../contracts/ids.ts';
import { checkReview, type FieldProblem, type Review, reviewLimits } from '../../contracts/reviews.ts';
import { isStorableText } from '../../contracts/storable-text.ts';
import { type RawRecord, recordLimits } from '../../data/reviews/split-records.ts';
import type { QuarantinedRecord } from '../../db/queries/reviews.ts';
import { parseJson } from '../json.ts';
import { HttpProblem } from '../problem.ts';

/** Why a record is no review, and what is kept of it; null where it has nothing to keep. */
export type RefusedRecord = { errors: FieldProblem[]; kept: QuarantinedRecord | null };
export type ReadRecord = { review: Review } | { refused: RefusedRecord };

export function readRecord(record: RawRecord, nowMs: number): ReadRecord {
  const value = parseRecord(record);
  if ('problem' in value) return refuse(record, [{ pointer: '', message: value.problem }]);
  const checked = checkReview(value.parsed, nowMs);
  return 'review' in checked ? checked : refuse(record, checked.problems, value.parsed);
}

function parseRecord({ bytes, length, fault }: RawRecord): { parsed: unknown } | { problem: string } {
  if (fault !== null) return { problem: fault };
  if (length > recordLimits.bytes)
    return { problem: `has ${length} bytes; a review has at most ${recordLimits.bytes}` };
  try {
    return { parsed: parseJson(bytes) };
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    return { problem: error.errors[0]?.message ?? error.message };
  }
}

function refuse({ bytes, length }: RawRecord, errors: FieldProblem[], parsed?: unknown): ReadRecord {
  if (length === 0) return { refused: { errors, kept: null } };
  const kept = {
    id: uuidV7(),
    contentHash: sha256Schema.parse(createHash('sha256').update(bytes).digest('hex')),
    content: Buffer.from(bytes),
    bytes: length,
    source: shownText(parsed, 'source'),
    externalId: shownText(parsed, 'id'),
    errors,
  };
  return { refused: { errors, kept } };
}

/** A field that helps to find the record again, where it can be stored. */
function shownText(parsed: unknown, key: 'source' | 'id'): string | null {
  if (typeof parsed !== 'object' || parsed === null || !(key in parsed)) return null;
  const value: unknown = Reflect.get(parsed, key);
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value).slice(0, reviewLimits.sourceCharacters);
  return isStorableText(text) ? text : null;
}
