import { z } from 'zod';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { FeatureTable } from './feature-table.ts';
import type { AskPeers } from './peer-program.ts';

/** A learner of a Python library on the rows and the split of a file. */
export type PeerFit = { name: string; fitSeconds: number; metrics: Readonly<Record<string, number>> };

const lineSchema = z.object({ peer: z.string(), fitSeconds: z.number() }).catchall(z.number());

/** What a program that prints a line a peer says of them. */
export function peerFits(lines: readonly unknown[]): PeerFit[] {
  return z
    .array(lineSchema)
    .parse(lines)
    .map(({ peer, fitSeconds, ...metrics }) => ({ name: peer, fitSeconds, metrics }));
}

/**
 * Trains the peers of `same_rows.py`.
 *
 * @param of.file CSV of the table
 * @param of.threshold the metric at whose best, on training folds, each peer decides; null: at that of the program
 */
export async function trainOnSameRows(
  askPeers: AskPeers,
  of: {
    pipeline: LoadedPipeline;
    file: string;
    categorical: FeatureTable['categorical'];
    threshold: string | null;
  },
): Promise<PeerFit[]> {
  const { pipeline, file, categorical, threshold } = of;
  if (pipeline.task === 'clustering') throw new Error(`${pipeline.name} has no target to learn`);
  return peerFits(
    await askPeers('same_rows.py', [
      file,
      ...['--target', pipeline.target.column, '--task', pipeline.task, '--drop', pipeline.rows.key],
      ...['--categorical', categorical.join(',')],
      ...(threshold === null ? [] : ['--threshold', threshold]),
    ]),
  );
}
