import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { InvalidPipelines } from '../../pipelines/yaml-file.ts';
import { asOrdinaryUser } from '../ordinary-user.ts';

const built = fileURLToPath(new URL('../../pipelines', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-pipelines-'));
  for (const name of ['olist', 'olist-score', 'olist-satisfaction'])
    await cp(join(built, name), join(folder, name), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

/** Replaces one text in a file; the text must be there. */
async function edit(file: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  const edited = text.replace(from, to);
  expect(edited, `"${from}" is in ${file}`).not.toBe(text);
  await writeFile(path, edited);
}

/** As in a message: file, line and column of a text. */
async function placeOf(file: string, text: string): Promise<string> {
  const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
  const line = lines.findIndex((content) => content.includes(text));
  return `${file}:${line + 1}:${(lines[line]?.indexOf(text) ?? -1) + 1}`;
}

function problems(): string[] {
  try {
    loadPipelines({ folders: [folder] });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPipelines)) throw error;
    return error.message.split('\n').map((line) => line.replace(`${folder}/`, ''));
  }
}

const score = 'olist-score/pipeline.yaml';
const satisfaction = 'olist-satisfaction/pipeline.yaml';
const shared = 'olist/rows.yaml';

test.each([
  ['its declaration', score, `${score}:1:1: this process has no permission to read the declaration`],
  [
    'a file that it includes',
    shared,
    `${shared}:1:1: this process has no permission to read the included file`,
  ],
  [
    'its SQL',
    'olist/rows.sql',
    /rows\.sql: this process has no permission to read the file .*olist\/rows\.sql$/,
  ],
])('names the place where a pipeline may not read %s', async (_, file, problem) => {
  await chmod(join(folder, file), 0);
  const found = await asOrdinaryUser(folder, problems);
  expect(found).not.toEqual([]);
  for (const line of found) expect(line).toMatch(problem);
});

test('loads every folder that has a declaration, with its SQL and a hash of both', async () => {
  const first = loadPipelines({ folders: [folder] });
  expect([...first.keys()]).toEqual(['olist-satisfaction', 'olist-score']);
  const name = pipelineNameSchema.parse('olist-score');
  expect(first.get(name)?.sqlTexts['../olist/rows.sql']).toContain('FROM orders');
  await edit('olist/rows.sql', '-- One row', '-- Just one row');
  expect(loadPipelines({ folders: [folder] }).get(name)?.hash).not.toBe(first.get(name)?.hash);
});

test('reports every problem of every file at once, by file, line, column and key', async () => {
  await edit(score, 'minR2: {', 'min-r2: {');
  await edit(score, 'learner: linear,', 'learner: liner,');
  await edit(satisfaction, 'from: 0, action', 'from: 0.1, action');
  expect(problems()).toEqual([
    `${await placeOf(satisfaction, 'from: 0.1')}: tiers.2.from: the last tier begins at 0.1: probabilities below it would have none`,
    expect.stringMatching(
      new RegExp(
        `^${await placeOf(score, 'learner: liner')}: candidates.linear.learner: unknown learner "liner"; known: `,
      ),
    ),
    `${await placeOf(score, 'min-r2')}: parameters.min-r2: a parameter is named in camelCase`,
    `${await placeOf(score, 'parameter: minR2')}: gate.bars.0.min.parameter: unknown parameter "minR2"; known: min-r2`,
  ]);
});

test.each<[rule: string, file: string, from: string | RegExp, to: string, problem: RegExp]>([
  ['a YAML error', score, 'task: regression', 'task: [regression', /pipeline\.yaml:\d+:\d+: /],
  ['an unknown key', score, 'gate:\n', 'gate:\n  bar: 3\n', /:\d+: gate\.bar: unknown key/],
  ['a key of the wrong type', score, 'folds: 5', 'folds: five', /:\d+: selection\.folds: .*expected number/],
  ['a key that is missing', score, /^selection.*$/m, '', /: selection: is missing/],
  [
    'a key that an included file has too',
    score,
    'task: reg',
    'moment: review\ntask: reg',
    /rows\.yaml:\d+:\d+: moment: stands in .*pipeline\.yaml too/,
  ],
  [
    'an included file that is absent',
    score,
    '../olist/rows.yaml',
    '../olist/row.yaml',
    /include\.1: there is no file/,
  ],
  [
    'an SQL file that is absent',
    shared,
    'sql: ../olist/rows.sql',
    'sql: row.sql',
    /rows\.yaml:\d+:\d+: rows\.sql: there is no such file .*row\.sql/,
  ],
  [
    'another name than its folder',
    score,
    'name: olist-score',
    'name: olist',
    /: name: "olist" stands in a folder called "olist-score"/,
  ],
  [
    'a feature of an unknown column',
    shared,
    'column: price }',
    'column: prise }',
    /features\.\d+: .*unknown column 'prise'/,
  ],
  [
    'a feature known after the prediction',
    shared,
    'moment: review-form',
    'moment: approval',
    /features\.0: .*later than the prediction at 'approval'/,
  ],
  [
    'a review text as a feature',
    shared,
    'column: price }',
    'column: review_comment_message }',
    /features\.\d+: .*It is written with the score/,
  ],
  [
    'an encoding of an unknown feature',
    shared,
    'columns: [customer_zip_code_prefix]',
    'columns: [zip]',
    /encodings\.linear\.0: .*'zip'/,
  ],
  [
    'an unknown encoding',
    score,
    'encoding: linear',
    'encoding: lineal',
    /candidates\.linear\.encoding: unknown encoding "lineal"; known: linear, tree, cart/,
  ],
  [
    'a learner of another task',
    score,
    'learner: linear',
    'learner: logistic',
    /candidates\.linear\.learner: "logistic" learns .*, not regression/,
  ],
  [
    'an unknown parameter of a learner',
    score,
    'learner: linear,',
    'learner: linear, params: { depth: 3 },',
    /candidates\.linear\.params: .*depth/,
  ],
  [
    'an encoding that its learner cannot read',
    score,
    'encoding: cart',
    'encoding: tree',
    /candidates\.decision-tree\.encoding: "decision-tree" cannot read what codes, step 1 of "tree", makes/,
  ],
  [
    'a score by the name of a metric',
    satisfaction,
    'championScore: {',
    'rmse: { recall: 1 }\n  championScore: {',
    /scores\.rmse: "rmse" is the name of a metric/,
  ],
  [
    'a weight of no class',
    satisfaction,
    'learner: logistic',
    'learner: logistic\n    classWeights: { unhappy: 2.5 }',
    /candidates\.logistic\.classWeights\.unhappy: unknown class "unhappy"; known: dissatisfied, satisfied/,
  ],
  [
    'a cost of no class',
    satisfaction,
    '{ dissatisfied: 2.5 }',
    '{ unhappy: 2.5 }',
    /threshold\.costs\.unhappy: unknown class "unhappy"; known: dissatisfied, satisfied/,
  ],
  [
    'an unknown metric',
    score,
    'beatBaselineOn: r2',
    'beatBaselineOn: r3',
    /gate\.beatBaselineOn: unknown metric "r3"; known: r2, mse/,
  ],
  [
    'an unknown moment',
    score,
    'moment: approval',
    'moment: aproval',
    /variants\.at-approval\.moment: unknown moment "aproval"/,
  ],
  ['a default beyond its bounds', score, 'default: 0.1', 'default: 2', /parameters\.minR2\.default: /],
  [
    'a schedule in no time zone',
    score,
    'America/Sao_Paulo',
    'America/Sao_Paolo',
    /schedule\.timezone: "America\/Sao_Paolo" is no IANA time zone/,
  ],
  [
    'a demo that is no source',
    score,
    'demo: "demo:olist?rows=10000',
    'demo: "demo:olist?rovs=20000',
    /: demo: .*unknown option "rovs"/,
  ],
  ['an example of a value out of bounds', shared, 'price: 129.9', 'price: -1', /example\.price: /],
  ['an incomplete example', shared, '  price: 129.9\n', '', /: example: lacks "price"/],
  [
    'a foreign key to nowhere',
    'olist/tables.yaml',
    'table: customers, to: [customer_id]',
    'table: customers, to: [id]',
    /tables\.orders\.foreignKeys\.0\.to: unknown column "id"/,
  ],
])('refuses %s', async (_, file, from, to, problem) => {
  await edit(file, from, to);
  expect(problems().join('\n')).toMatch(problem);
});

test('refuses a folder that is absent, and a declaration by another name', async () => {
  expect(() => loadPipelines({ folders: [join(folder, 'none')] })).toThrow('no such folder of pipelines');
  await mkdir(join(folder, 'mine'));
  await writeFile(join(folder, 'mine', 'pipeline.yml'), 'name: mine');
  expect(problems()).toEqual(['mine/pipeline.yml:1:1: a declaration is called pipeline.yaml']);
});

test('refuses two declarations of one name', () => {
  expect(() => loadPipelines({ folders: [folder, built] })).toThrow(/"olist-score" is declared in .* too/);
});
