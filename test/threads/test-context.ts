import type { BlobStore } from '../../store/blob-store.ts';
import { createTaskContext, type TaskContext } from '../../threads/context.ts';

/** For a task in the test's own thread, which nobody cancels. */
export const createTestContext = (store: BlobStore): TaskContext =>
  createTaskContext({
    store,
    shared: new Int32Array(new SharedArrayBuffer(64)),
    signal: new AbortController().signal,
    report: () => {},
  });
