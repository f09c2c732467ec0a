import { Option } from 'commander';
import type { Client } from './client.ts';
import type { Output } from './output.ts';
import { findUploadFiles } from './upload.ts';

export const dataOption = (): Option =>
  new Option('--data <data>', 'a file or a folder of files to upload, or snapshot:REF').conflicts('source');

export const sourceOption = (): Option =>
  new Option(
    '--source <source>',
    "demo:NAME?rows=…&seed=…, upload:ID, snapshot:REF, … (default: the pipeline's)",
  );

/** What `--data` may be besides a path; a drive letter of Windows is none of these. */
const sourceForm = /^(?:snapshot|upload|demo|folder|https):/;

/**
 * The source that `--data` or `--source` names: one as it is written, or the files of a path, which are sent first.
 * @throws CommandError
 */
export async function sourceOf(
  { client, output }: { client: Client; output: Output },
  { data, source }: { data?: string | undefined; source?: string | undefined },
): Promise<string | undefined> {
  if (data === undefined) return source;
  if (sourceForm.test(data)) return data;
  return upload(client, output, data);
}

async function upload(client: Client, output: Output, path: string): Promise<string> {
  const files = await findUploadFiles(path);
  const megabytes = files.reduce((sum, file) => sum + file.bytes, 0) / 1e6;
  output.note(`sending ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${megabytes.toFixed(1)} MB`);
  const { source } = await client.upload(files);
  return source;
}
