import type { PipelineName } from '../../contracts/ids.ts';
import type { Artifact } from '../../ml/artifact.ts';
import { createScorer, type Scorer } from '../../ml/scorer.ts';
import { modelKey } from './threads/held-models.ts';

export type ServedModel = {
  pipeline: PipelineName;
  version: number;
  artifact: Artifact;
  scorer: Scorer;
};

export type ModelCache = {
  /** Loads once, however many ask at the same time; a failure is not remembered. */
  get(pipeline: PipelineName, version: number): Promise<ServedModel>;
  /** The model if it is loaded already. */
  peek(pipeline: PipelineName, version: number): ServedModel | undefined;
  /** The versions that must stay loaded: those in production, and those about to be. */
  keep(versions: readonly { pipeline: PipelineName; version: number }[]): void;
};

/** Models of more versions than are kept: of requests that name an old one. */
const maxOthers = 4;

/** Models by pipeline and version: those to keep, and the last few others asked for. */
export function createModelCache(
  loadArtifact: (pipeline: PipelineName, version: number) => Promise<Artifact>,
  onEvicted: (model: ServedModel) => void = () => undefined,
): ModelCache {
  const models = new Map<string, ServedModel>();
  const loading = new Map<string, Promise<ServedModel>>();
  let kept: ReadonlySet<string> = new Set();

  const evict = (): void => {
    const others = [...models].filter(([key]) => !kept.has(key));
    // A Map lists its keys in the order of insertion, and a use inserts anew: the first are the longest unused.
    for (const [key, model] of others.slice(0, Math.max(0, others.length - maxOthers))) {
      models.delete(key);
      onEvicted(model);
    }
  };
  const load = async (pipeline: PipelineName, version: number): Promise<ServedModel> => {
    const artifact = await loadArtifact(pipeline, version);
    return { pipeline, version, artifact, scorer: createScorer(artifact) };
  };

  return {
    async get(pipeline, version) {
      const key = modelKey(pipeline, version);
      const there = models.get(key);
      if (there !== undefined) {
        models.delete(key);
        models.set(key, there);
        return there;
      }
      const underWay = loading.get(key) ?? load(pipeline, version);
      loading.set(key, underWay);
      try {
        const model = await underWay;
        models.set(key, model);
        evict();
        return model;
      } finally {
        loading.delete(key);
      }
    },
    peek: (pipeline, version) => models.get(modelKey(pipeline, version)),
    keep(versions) {
      kept = new Set(versions.map(({ pipeline, version }) => modelKey(pipeline, version)));
      evict();
    },
  };
}
