import type { Snapshot } from '../../contracts/data.ts';
import type { FileDiff } from '../../contracts/snapshots.ts';

type File = Snapshot['files'][number];

/** By name, and by their bytes where a name went and another came; sorted by name. */
export function diffFiles(
  from: readonly File[],
  to: readonly File[],
): { same: number; differences: FileDiff[] } {
  const former = new Map(from.map((file) => [file.name, file]));
  const later = new Map(to.map((file) => [file.name, file]));
  const removed = new Map([...former].filter(([name]) => !later.has(name)));
  const differences: FileDiff[] = [];
  let same = 0;
  for (const [name, { blob }] of later) {
    const before = former.get(name);
    if (before?.blob.sha256 === blob.sha256) same += 1;
    else if (before !== undefined)
      differences.push({ name, change: 'changed', from: before.blob, to: blob, formerName: null });
    else {
      const renamed = [...removed.values()].find((file) => file.blob.sha256 === blob.sha256);
      if (renamed !== undefined) removed.delete(renamed.name);
      differences.push({
        name,
        change: renamed === undefined ? 'added' : 'renamed',
        from: renamed?.blob ?? null,
        to: blob,
        formerName: renamed?.name ?? null,
      });
    }
  }
  for (const [name, { blob }] of removed)
    differences.push({ name, change: 'removed', from: blob, to: null, formerName: null });
  return { same, differences: differences.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}
