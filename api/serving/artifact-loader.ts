import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Artifact } from '../../ml/artifact.ts';

export type ArtifactLoader = {
  /** Unpacks a stored model and reproduces its golden rows, in a thread. @throws where either fails */
  load(content: Uint8Array): Promise<Artifact>;
  close(): Promise<void>;
};

type Answer = { id: number } & ({ artifact: Artifact } | { message: string });

/** One thread, started by the first model and kept: models arrive one by one. */
export function createArtifactLoader(): ArtifactLoader {
  let thread: Worker | undefined;
  let nextId = 1;
  const waiting = new Map<
    number,
    { resolve: (artifact: Artifact) => void; reject: (error: Error) => void }
  >();

  const failAll = (error: Error): void => {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const start = (): Worker => {
    const started = new Worker(threadFile());
    started.on('message', (answer: Answer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ('artifact' in answer) asked?.resolve(answer.artifact);
      else asked?.reject(new Error(answer.message));
    });
    started.on('error', failAll);
    started.on('exit', (code) => failAll(new Error(`the thread that loads models ended with code ${code}`)));
    started.unref();
    return started;
  };

  return {
    load(content) {
      thread ??= start();
      const id = nextId++;
      const loaded = new Promise<Artifact>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
      });
      thread.postMessage({ id, content });
      return loaded;
    },
    async close() {
      await thread?.terminate();
      thread = undefined;
    },
  };
}

/** A `.ts` file does not load in a thread of Node 20: from the sources, the compiled one is used. */
function threadFile(): URL {
  const compiled = new URL('./load-thread.js', import.meta.url);
  return existsSync(fileURLToPath(compiled))
    ? compiled
    : new URL('../../dist/api/serving/load-thread.js', import.meta.url);
}
