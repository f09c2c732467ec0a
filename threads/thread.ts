import { parentPort, workerData } from 'node:worker_threads';
import { createFolderStore } from '../store/folder-store.ts';
import { createTaskContext, throwIfFlagged } from './context.ts';
import { TaskCancelled } from './errors.ts';
import { createCoreLender } from './lend-cores.ts';
import { createModelKeeper } from './model-keeper.ts';
import { createPacedCores } from './paced-cores.ts';
import { performTask } from './perform-task.ts';
import { cells, type FromThread, type ThreadData, type ToThread } from './protocol.ts';
import { createRowKeeper } from './row-keeper.ts';

/** Entry of a thread: performs one task at a time and tells its pool how it goes. */
const port = parentPort;
if (port === null) throw new Error('threads/thread.ts is the entry of a worker thread');
const { blobFolder, cells: buffer, freeCores, mostHelpers }: ThreadData = workerData;
const shared = new Int32Array(buffer);
const lender = createCoreLender({
  free: new Int32Array(freeCores),
  held: shared.subarray(cells.heldCores, cells.heldCores + 1),
  most: mostHelpers,
  throwIfStopped: () => throwIfFlagged(shared),
});
const cores = createPacedCores(lender, () => performance.now());
const keeper = createRowKeeper();
const models = createModelKeeper();
const store = await createFolderStore(blobFolder);
const send = (message: FromThread) => port.postMessage(message);

let abort = new AbortController();
port.on('message', (message: ToThread) => {
  if (message.type === 'cancel') {
    abort.abort(new TaskCancelled('the task was cancelled'));
    return;
  }
  abort = new AbortController();
  // Only trials read the same rows time and again.
  if (message.task !== 'runTrial') keeper.forget();
  const context = createTaskContext({
    store,
    shared,
    cores,
    keeper,
    models,
    signal: abort.signal,
    report: (progress, text) => send({ type: 'progress', progress, message: text }),
  });
  performTask(message.task, message.input, context).then(
    (output) => send({ type: 'done', output }),
    (error: unknown) => {
      const { name, message: text, stack } = error instanceof Error ? error : new Error(String(error));
      send({ type: 'failed', name, message: text, stack });
    },
  );
});
send({ type: 'ready' });
