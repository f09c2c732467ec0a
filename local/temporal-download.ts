import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * Run as a process of its own, because the SDK's download can only be given up by ending the process.
 * Arguments: the folder to download into, the version.
 */
const [downloadDir, version] = process.argv.slice(2);
if (downloadDir === undefined || version === undefined) throw new Error('usage: FOLDER VERSION');
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir, version } },
  });
  await environment.teardown();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
