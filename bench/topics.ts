import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { SparseBlock } from '../ml/blocks.ts';
import type { Progress } from '../ml/learner.ts';
import { mean } from '../ml/sample.ts';
import { documentOccurrences, npmiCoherence } from '../ml/topics/coherence.ts';
import { inverseFrequencies, weighDocuments } from '../ml/topics/inverse-frequencies.ts';
import { fitLda } from '../ml/topics/lda.ts';
import type { TopicMethod } from '../ml/topics/method.ts';
import { fitNmf } from '../ml/topics/nmf.ts';
import { topTerms } from '../ml/topics/top-words.ts';
import { median } from './paired.ts';
import { readPeers } from './peer-program.ts';

/**
 * Question: are the topics of reviews as coherent as those of scikit-learn, and how long do they take?
 *
 * The words are counted by scikit-learn (title and text of the reviews), and both sides fit the same counts: LDA, and
 * NMF of their TF-IDF, under the same number of seeds, in turn. Coherence is the mean NPMI of the topics' ten heaviest
 * words over the documents, by the same formula. Seconds are of the fit; those of the processor are printed beside
 * those on the wall, because only they are the same on a busy machine.
 */

const wordsMeasured = 10;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    topics: { type: 'string', default: '8' },
    seeds: { type: 'string', default: '5' },
  },
});
if (options.data === undefined)
  throw new Error('usage: topics --data FOLDER [--python PYTHON] [--topics 8] [--seeds 5]');
const data = resolve(options.data);
const topics = Number(options.topics);
const seeds = Array.from({ length: Number(options.seeds) }, (_, place) => 42 + place);

const countedSchema = z.object({ documents: z.int(), terms: z.int(), tokens: z.int() });
const storedSchema = z.object({
  terms: z.array(z.string()),
  offsets: z.array(z.int()),
  indices: z.array(z.int()),
  counts: z.array(z.int()),
});
const fitSchema = z.object({ npmi: z.number(), seconds: z.number(), processorSeconds: z.number() });
type Fit = z.infer<typeof fitSchema>;

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  const path = join(folder, 'counts.json');
  const files = (await readdir(data)).filter((name) => name.endsWith('.csv')).sort();
  const named = files.map((name) => join(data, name));
  const [answer] = await readPeers(options.python, 'topics.py', ['count', ...named, '--to', path]);
  const counted = countedSchema.parse(answer);
  const counts = await readCounts(path);
  write(
    `${counted.documents} reviews, ${counted.terms} terms, ${counted.tokens} words; ${topics} topics, ${seeds.length} seeds`,
  );
  for (const method of ['lda', 'nmf'] as const) {
    const ours: Fit[] = [];
    const theirs: Fit[] = [];
    for (const seed of seeds) {
      ours.push(fitOurs(method, counts, seed));
      theirs.push(await fitTheirs(method, path, seed));
    }
    report(method, ours, theirs);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function readCounts(path: string): Promise<SparseBlock> {
  const { terms, offsets, indices, counts } = storedSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return {
    names: terms,
    offsets: Int32Array.from(offsets),
    indices: Int32Array.from(indices),
    values: Float64Array.from(counts),
  };
}

function fitOurs(method: TopicMethod, counts: SparseBlock, seed: number): Fit {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const words = runToEnd(
    method === 'lda'
      ? fitLda(counts, { topics, seed })
      : fitNmf(weighDocuments(counts, inverseFrequencies(counts)), { topics, seed }),
  );
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - startedMs) / 1000;
  const top = topTerms(words, { topics, count: wordsMeasured });
  const values = npmiCoherence(top, documentOccurrences(counts, top.flat()));
  if (seed === seeds[0])
    for (const own of top) write(`  ${method}: ${own.map((term) => counts.names[term]).join(' ')}`);
  return { npmi: mean(values), seconds, processorSeconds: (user + system) / 1e6 };
}

async function fitTheirs(method: TopicMethod, path: string, seed: number): Promise<Fit> {
  const asked = ['fit', path, '--method', method, '--topics', String(topics), '--seed', String(seed)];
  const [answer] = await readPeers(options.python, 'topics.py', asked);
  return fitSchema.parse(answer);
}

function report(method: TopicMethod, ours: readonly Fit[], theirs: readonly Fit[]): void {
  const line = (name: string, fits: readonly Fit[]) => {
    const npmi = fits.map((fit) => fit.npmi);
    write(
      `${method} ${name.padEnd(12)} NPMI ${mean(npmi).toFixed(4)} (${Math.min(...npmi).toFixed(4)} to ${Math.max(...npmi).toFixed(4)}), ` +
        `${time(fits, 'seconds').toFixed(2)} s, of the processor ${time(fits, 'processorSeconds').toFixed(2)} s`,
    );
  };
  line('ours', ours);
  line('scikit-learn', theirs);
  const ratio = (of: 'seconds' | 'processorSeconds') => (time(ours, of) / time(theirs, of)).toFixed(3);
  write(`${method} ratio of seconds ${ratio('seconds')}, of the processor's ${ratio('processorSeconds')}`);
}

function time(fits: readonly Fit[], of: 'seconds' | 'processorSeconds'): number {
  return median(fits.map((fit) => fit[of]));
}

function runToEnd<T>(units: Generator<Progress, T, void>): T {
  for (;;) {
    const unit = units.next();
    if (unit.done === true) return unit.value;
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
