import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { type ImportedFile, importReviewFile, type Rejection } from '../import-reviews.ts';
import { formatTable, type Output, print } from '../output.ts';
import { addCollectCommands } from './collect.ts';

/** Rejected records that are shown one by one; the others are counted. */
const shownRejections = 20;

export function addReviewsCommands(program: Command): void {
  const reviews = program.command('reviews').description('reviews: taken in, scored, read');

  reviews
    .command('import')
    .description(
      'take in the reviews of files (.csv, .tsv, .ndjson, .jsonl, .json); doing so again is harmless',
    )
    .argument('<file...>')
    .option('--source <name>', 'where they are from; default: the column source, of a page URL its host')
    .action(async (paths: string[], options: { source?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const files: ImportedFile[] = [];
      const rejections: Rejection[] = [];
      for (const path of paths) {
        const show = createShow(output);
        files.push(
          await importReviewFile(client, {
            path,
            source: options.source,
            onProgress: show,
            onRejected: (rejection) => {
              if (rejections.length < shownRejections) rejections.push(rejection);
            },
          }),
        );
      }
      for (const { file, place, reason } of rejections) output.note(`${file}, ${place}: ${reason}`);
      const rejected = files.reduce((sum, file) => sum + file.rejected, 0);
      if (rejected > rejections.length) output.note(`and ${rejected - rejections.length} more`);
      if (rejected > 0) process.exitCode = exitCodes.rejected;
      print(output, { files, rejections }, () =>
        formatTable(
          ['file', 'accepted', 'duplicates', 'rejected'],
          files.map(({ file, ...counts }) => [
            file,
            String(counts.accepted),
            String(counts.duplicates),
            String(counts.rejected),
          ]),
        ),
      );
    });

  addCollectCommands(reviews);
}

/** On a terminal a line that is drawn anew; in a log a line at each quarter. */
function createShow(output: Output): (progress: ImportedFile & { share: number }) => void {
  let quarter = 0;
  return ({ file, accepted, duplicates, rejected, share }) => {
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    const line = `${percent} ${file}: ${accepted} accepted, ${duplicates} duplicates, ${rejected} rejected`;
    if (output.isTerminal) {
      process.stderr.write(`\r\u001b[K${line}${share === 1 ? '\n' : ''}`);
    } else if (Math.floor(share * 4) > quarter) {
      quarter = Math.floor(share * 4);
      output.note(line);
    }
  };
}
