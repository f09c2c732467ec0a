import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { projectRoot } from '../../config/paths.ts';

/** Committed recordings: `<scenario>.<workflow type>.json`, one for each workflow that the scenario ran. */
const folder = join(projectRoot, 'test', 'workflows', 'histories');

/**
 * Protobuf's own JSON. The SDK's `historyToJSON` refuses its argument where npm installs more than one copy of
 * protobufjs, as it does here beside grpc's.
 */
const { History } = temporal.api.history.v1;
const format = { enums: String, longs: String, bytes: String };

export type Recording = { scenario: string; workflowType: string; history: temporal.api.history.v1.IHistory };

export function readRecordings(): Recording[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const [scenario = '', workflowType = ''] = file.split('.');
      const history = History.fromObject(JSON.parse(readFileSync(join(folder, file), 'utf8')));
      return { scenario, workflowType, history };
    });
}

/**
 * Keeps a history that has no recording yet. One that has is left as it is: that runs begun by an older build go on
 * under a newer one is shown by its old recording only. To record a path anew, delete its file.
 */
export function addRecording({ scenario, workflowType, history }: Recording): void {
  const file = join(folder, `${scenario}.${workflowType}.json`);
  if (existsSync(file)) return;
  const json = History.toObject(History.fromObject(history), format);
  writeFileSync(file, `${JSON.stringify(json, withoutMachine, 1)}\n`);
}

/** Process ids, host names and paths of the recording machine: nothing that a replay reads. */
const withoutMachine = (key: string, value: unknown): unknown =>
  typeof value === 'string' && (key === 'identity' || key === 'stackTrace') ? '' : value;
