import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { NoReviewFile, type ReviewLine, readReviewFile } from '../data/reviews/review-files.ts';
import { NotRecords } from '../data/reviews/split-records.ts';
import type { Client } from './client.ts';
import { RequestRefused, ServiceUnreachable } from './connection.ts';
import { CommandError } from './exit.ts';
import { fileError } from './file-error.ts';

export type ImportedFile = {
  file: string;
  accepted: number;
  duplicates: number;
  rejected: number;
};
export type Rejection = { file: string; place: string; reason: string };

/** Of one request: a second or less of the service's time, and what is sent again where an answer was lost. */
const most = { records: 2_000, bytes: 4 * 1024 * 1024 } as const;
/** Sending again is harmless, so a service that is away or has too much is waited for. */
const waits = { firstMs: 250, mostMs: 10_000, totalMs: 10 * 60_000 } as const;

/** Sends the reviews of a file in requests of bounded size. @throws CommandError, RequestRefused */
export async function importReviewFile(
  client: Pick<Client, 'sendReviews'>,
  options: {
    path: string;
    source: string | undefined;
    onProgress(progress: ImportedFile & { share: number }): void;
    onRejected(rejection: Rejection): void;
  },
): Promise<ImportedFile> {
  const { path: file, source, onProgress, onRejected } = options;
  const total: ImportedFile = { file, accepted: 0, duplicates: 0, rejected: 0 };
  let waiting: { place: string; line: Uint8Array }[] = [];
  let bytes = 0;
  const reject = (place: string, reason: string): void => onRejected({ file, place, reason });
  const send = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const sent = waiting;
    waiting = [];
    bytes = 0;
    const { accepted, duplicates, rejected, rejectedCount } = await patiently(() =>
      client.sendReviews(sent.map(({ line }) => line)),
    );
    total.accepted += accepted;
    total.duplicates += duplicates;
    total.rejected += rejectedCount;
    for (const { index, errors } of rejected)
      reject(
        sent[index]?.place ?? `record ${index}`,
        errors.map(({ pointer, message }) => `${pointer} ${message}`.trim()).join('; '),
      );
  };
  try {
    const { size } = await stat(file);
    await readReviewFile({
      path: file,
      source,
      async onRecords(records: ReviewLine[], bytesRead) {
        for (const record of records) {
          if ('fault' in record) {
            total.rejected += 1;
            reject(record.place, record.fault);
            continue;
          }
          waiting.push(record);
          bytes += record.line.byteLength;
          if (waiting.length < most.records && bytes < most.bytes) continue;
          await send();
          onProgress({ ...total, share: bytesRead / Math.max(1, size) });
        }
      },
    });
  } catch (error) {
    if (error instanceof NoReviewFile) throw new CommandError(error.message);
    if (error instanceof NotRecords) throw new CommandError(`${file}: ${error.message}`);
    throw fileError('read', file, error);
  }
  await send();
  onProgress({ ...total, share: 1 });
  return total;
}

async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  let waitedMs = 0;
  for (let waitMs: number = waits.firstMs; ; waitMs = Math.min(2 * waitMs, waits.mostMs)) {
    try {
      return await ask();
    } catch (error) {
      const isPassing =
        error instanceof ServiceUnreachable ||
        (error instanceof RequestRefused && (error.status === 429 || error.status === 503));
      if (!isPassing || waitedMs >= waits.totalMs) throw error;
    }
    await delay(waitMs);
    waitedMs += waitMs;
  }
}
