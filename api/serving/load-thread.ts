import { parentPort } from 'node:worker_threads';
import { loadArtifact } from './load-artifact.ts';

/** Off the main thread: unpacking a forest and scoring its golden rows would stall the requests in flight. */
parentPort?.on('message', ({ id, content }: { id: number; content: Uint8Array }) => {
  try {
    const artifact = loadArtifact(content);
    const buffers = new Set<ArrayBuffer>();
    for (const section of Object.values(artifact.sections)) {
      if (section.buffer instanceof ArrayBuffer) buffers.add(section.buffer);
    }
    parentPort?.postMessage({ id, artifact }, [...buffers]);
  } catch (error) {
    parentPort?.postMessage({ id, message: error instanceof Error ? error.message : String(error) });
  }
});
