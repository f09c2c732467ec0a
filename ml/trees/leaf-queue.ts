/** Open leaves by the gain of their split. */
type Queued = { node: number; split: { gain: number } };

/** The larger gain first; on equal gains the older leaf. */
const isBefore = (a: Queued, b: Queued): boolean =>
  a.split.gain > b.split.gain || (a.split.gain === b.split.gain && a.node < b.node);

export function pushLeaf<L extends Queued>(heap: L[], leaf: L): void {
  let place = heap.length;
  while (place > 0) {
    const parent = (place - 1) >>> 1;
    const above = heap[parent] as L;
    if (!isBefore(leaf, above)) break;
    heap[place] = above;
    place = parent;
  }
  heap[place] = leaf;
}

export function popLeaf<L extends Queued>(heap: L[]): L | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let place = 0;
  for (;;) {
    let child = place * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as L, heap[child] as L)) child++;
    if (!isBefore(heap[child] as L, last)) break;
    heap[place] = heap[child] as L;
    place = child;
  }
  heap[place] = last;
  return top;
}
