import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { CommandError } from '../exit.ts';
import { fileError } from '../file-error.ts';
import { formatTable, print } from '../output.ts';

export function addArtifactsCommand(program: Command): void {
  program
    .command('artifacts')
    .description('what a run left: reports, plots, data')
    .argument('<run>')
    .option('--to <folder>', 'save them there')
    .action(async (runId: string, options: { to?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const { items } = await client.artifacts(runId);
      const folder = options.to;
      if (folder !== undefined) {
        await mkdir(folder, { recursive: true }).catch((error: unknown) => {
          throw fileError('write', folder, error);
        });
        for (const item of items) {
          const { body } = await client.download(item.href);
          if (body === null) throw new CommandError(`${item.href} was answered without content`);
          // The name comes from outside: only its last part may choose a file.
          const path = join(folder, basename(item.name));
          await pipe(Readable.fromWeb(body), createWriteStream(path)).catch((error: unknown) => {
            throw fileError('write', path, error);
          });
        }
      }
      print(output, items, () =>
        formatTable(
          ['artifact', 'type', 'bytes', folder === undefined ? 'address' : 'file'],
          items.map((item) => [
            item.name,
            item.mediaType,
            String(item.bytes),
            folder === undefined ? new URL(item.href, client.url).href : join(folder, basename(item.name)),
          ]),
        ),
      );
    });
}
