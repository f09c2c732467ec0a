/**
 * Compiles the project into dist/, when a source has changed since the last build: code by tsc, what the
 * code reads at run time copied beside it, workflows bundled. Plain JavaScript, since it runs before all else.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const hashFile = join(dist, '.build-hash');
const lockFile = join(root, '.build-lock');

const rooms = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')).include;
/** What the code reads at run time, beside the modules that tsc writes. */
const assetRooms = ['collectors', 'pipelines', 'db', 'web'];
const assetTypes = new Set([
  '.yaml',
  '.sql',
  '.json',
  '.html',
  '.css',
  '.js',
  '.svg',
  '.png',
  '.ico',
  '.woff2',
]);
const settings = ['package-lock.json', 'package.json', 'tsconfig.json', 'tsconfig.build.json', 'build.mjs'];

/** Rooms whose code decides what a run's steps come to; declarations and SQL stand in the steps' input. */
export const stepRooms = ['config', 'contracts', 'data', 'ml', 'pipelines', 'store', 'threads'];

/** Builds unless dist/ is up to date. */
export async function build({ log = (line) => process.stdout.write(`${line}\n`) } = {}) {
  if (isCurrent(hashSources())) return;
  const release = await lock(log);
  try {
    // Another build may have done the work while this one waited.
    const hash = hashSources();
    if (isCurrent(hash)) return;
    await compile(hash, log);
  } finally {
    release();
  }
}

function isCurrent(hash) {
  return existsSync(hashFile) && readFileSync(hashFile, 'utf8') === hash;
}

function hashSources({ of = rooms, types = new Set([...assetTypes, '.ts']) } = {}) {
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  const files = of.flatMap((room) => listFiles(join(root, room)));
  const sources = files.filter((file) => types.has(extname(file)));
  for (const file of [...settings.map((name) => join(root, name)), ...sources.sort()]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function listFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

async function compile(hash, log) {
  const startedMs = performance.now();
  log('Building…');
  removeDrafts();
  const draft = `${dist}.tmp-${process.pid}`;
  try {
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status } = spawnSync(
      process.execPath,
      [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', draft],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (status !== 0) throw new Error(`tsc ended with ${status}`);
    copyAssets(draft);
    await bundleWorkflows(draft, log);
    writeFileSync(join(draft, '.step-code'), hashSources({ of: stepRooms, types: new Set(['.ts']) }));
    writeFileSync(join(draft, '.build-hash'), hash);
    swap(draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  log(`Built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s.`);
}

function copyAssets(draft) {
  for (const file of assetRooms.flatMap((room) => listFiles(join(root, room)))) {
    if (!assetTypes.has(extname(file))) continue;
    const target = join(draft, relative(root, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

async function bundleWorkflows(draft, log) {
  const entry = join(draft, 'workflows', 'index.js');
  if (!existsSync(entry)) {
    log('No workflows/index.ts: no workflow bundle.');
    return;
  }
  const { bundleWorkflowCode, DefaultLogger, Runtime } = await import('@temporalio/worker');
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    // A worker with a prebuilt bundle ignores interceptors named anywhere else.
    workflowInterceptorModules: [join(draft, 'workflows', 'payload-guard.js')],
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(join(draft, 'workflow-bundle.js'), code);
}

/** A folder cannot be replaced by renaming onto it, so the old one steps aside first. */
function swap(draft) {
  const old = `${dist}.old-${process.pid}`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(draft, dist);
  rmSync(old, { recursive: true, force: true });
}

/** What a build that was killed has left. Called under the lock, so no other build is at work. */
function removeDrafts() {
  for (const name of readdirSync(root)) {
    if (/^dist\.(tmp|old)-\d+$/.test(name)) rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** The lock names its holder; one left by a dead process is taken over. */
async function lock(log) {
  const mine = `${lockFile}.${process.pid}`;
  let told = false;
  for (;;) {
    writeFileSync(mine, `${process.pid} ${startTime(process.pid)}`);
    try {
      linkSync(mine, lockFile);
      return () => rmSync(lockFile, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    const holder = readHolder();
    if (holder === undefined || !isAlive(holder)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!told) log(`Process ${holder.pid} is building: waiting for it.`);
    told = true;
    await delay(100);
  }
}

function readHolder() {
  try {
    const [pid, started] = readFileSync(lockFile, 'utf8').split(' ');
    return Number(pid) > 0 ? { pid: Number(pid), started } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return startTime(pid) === started;
}

/** Tells a process from a later one of the same pid; empty for a zombie, and where there is no /proc. */
function startTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses, which may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : fields[19];
  } catch {
    return '';
  }
}

if (process.argv[1] !== undefined && pathToFileURL(resolve(process.argv[1])).href === import.meta.url) {
  try {
    await build();
  } catch (error) {
    process.stderr.write(`build: ${error.message}\n`);
    process.exitCode = 1;
  }
}
