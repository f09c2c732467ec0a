import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Diff, SnapshotList } from '../../contracts/http/snapshots.ts';
import type { Client } from '../client.ts';
import { contextOf, wholeNumber } from '../context.ts';
import { sourceOf } from '../data-source.ts';
import { CommandError, exitCodes } from '../exit.ts';
import { exportFiles } from '../export-files.ts';
import { dash, formatTable, formatTime, print } from '../output.ts';
import { formatDiff } from '../snapshot-diff.ts';

/** Often at first, for most answers are there within a second. */
const poll = { firstMs: 50, mostMs: 1_000 };

export function addDataCommands(program: Command): void {
  const data = program.command('data').description('data by reference: snapshots, without a run');

  data
    .command('add')
    .description('store a file, or the data files of a folder, and print the reference')
    .argument('<data>', 'a path, or a source such as https://HOST/FILE#sha256=…')
    .option('--pipeline <name>', 'give the files to its tables, as a run of it would')
    .option('--name <name>', 'to refer to it by; taken from the snapshot that has it')
    .action(async (given: string, options: { pipeline?: string; name?: string }, command: Command) => {
      const { client, output } = contextOf(command);
      const source = await sourceOf({ client, output }, { data: given });
      if (source === undefined) throw new CommandError('Name the data to add.');
      const { requestId } = await client.addSnapshot({ source, ...options });
      const { snapshotId, failure } = await ended(() => client.snapshotRequest(requestId));
      if (snapshotId === null)
        throw new CommandError(failure?.message ?? 'nothing was stored', exitCodes.failed);
      const snapshot = await client.snapshot(snapshotId);
      print(output, snapshot, () => {
        const { files, bytes, rows } = snapshot;
        output.note(`${files} ${files === 1 ? 'file' : 'files'}, ${bytes} bytes, ${rows ?? dash} rows`);
        return snapshot.source;
      });
    });

  data
    .command('list')
    .description('snapshots and what used them, the newest first')
    .option('--pipeline <name>', 'taken for its tables')
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
    .option('--cursor <cursor>', 'nextCursor of the page before')
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { client, output } = contextOf(command);
      print(output, await client.snapshots(options), formatSnapshots);
    });

  data
    .command('diff')
    .description('what differs between two snapshots: files, columns and rows')
    .argument('<from>', 'an id, at least 7 digits of one, or a name')
    .argument('<to>')
    .option('--pipeline <name>', 'read the files as its tables, by its keys')
    .option('--key <columns>', 'columns, separated by commas, by which rows are found again')
    .action(
      async (from: string, to: string, options: { pipeline?: string; key?: string }, command: Command) => {
        const { client, output } = contextOf(command);
        const { key, pipeline } = options;
        const { diffId } = await client.createDiff({
          from: withoutForm(from),
          to: withoutForm(to),
          ...(pipeline === undefined ? {} : { pipeline }),
          ...(key === undefined ? {} : { key: key.split(',').map((column) => column.trim()) }),
        });
        print(output, await awaitDiff(client, diffId), formatDiff);
      },
    );

  data
    .command('export')
    .description('write the files of a snapshot into a folder, each checked by its SHA-256')
    .argument('<snapshot>', 'an id, at least 7 digits of one, or a name')
    .requiredOption('--to <folder>', 'where; it is made if it is not there')
    .option('--force', 'overwrite files that are there')
    .action(async (ref: string, options: { to: string; force?: boolean }, command: Command) => {
      const { client, output } = contextOf(command);
      const { id, contents } = await client.snapshot(withoutForm(ref));
      const { to, force = false } = options;
      const files = await exportFiles(client, { files: contents, folder: to, force });
      print(output, { snapshot: id, files }, () =>
        formatTable(
          ['file', 'bytes', 'sha256'],
          files.map(({ file, bytes, sha256 }) => [file, String(bytes), sha256]),
        ),
      );
    });
}

/** References are taken as they were printed. */
const withoutForm = (ref: string): string => ref.replace(/^snapshot:/, '');

async function awaitDiff(
  client: Client,
  diffId: string,
): Promise<Diff & { diff: NonNullable<Diff['diff']> }> {
  const answer = await ended(() => client.diff(diffId));
  const { diff, failure } = answer;
  if (diff === null) throw new CommandError(failure?.message ?? 'nothing was compared', exitCodes.failed);
  return { ...answer, diff };
}

async function ended<Work extends { status: 'running' | 'done' | 'failed' }>(
  ask: () => Promise<Work>,
): Promise<Work> {
  for (let waitMs = poll.firstMs; ; waitMs = Math.min(2 * waitMs, poll.mostMs)) {
    const answer = await ask();
    if (answer.status !== 'running') return answer;
    await delay(waitMs);
  }
}

function formatSnapshots(list: SnapshotList): string {
  if (list.items.length === 0) return 'no snapshots';
  const table = formatTable(
    ['snapshot', 'name', 'pipeline', 'files', 'bytes', 'rows', 'added', 'runs', 'versions'],
    list.items.map(({ usedBy, ...snapshot }) => [
      snapshot.id.slice(0, 12),
      snapshot.names.join(', ') || dash,
      snapshot.pipeline ?? dash,
      String(snapshot.files),
      String(snapshot.bytes),
      snapshot.rows === null ? dash : String(snapshot.rows),
      formatTime(snapshot.createdAt),
      String(usedBy.runs),
      usedBy.versions.map(({ pipeline, version }) => `${pipeline} ${version}`).join(', ') || dash,
    ]),
  );
  return list.nextCursor === null ? table : `${table}\nmore: --cursor ${list.nextCursor}`;
}
