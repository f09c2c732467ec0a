import type { ChosenRounding } from './gradients.ts';
import type { GrowerRows, Histograms } from './histogram.ts';
import type { Kernel } from './kernel.ts';
import { roomFor, type SharedMemory } from './memory.ts';
import { allocateDerivatives, type DerivativeArrays, derivativeBytes } from './packed-derivatives.ts';

/** Arrays in shared memory, with which each thread that works on a tree makes its own `Histograms`. */
export type PackedArrays = DerivativeArrays & {
  /** Histograms of 16 bytes a slot, narrow ones use half: `capacity`, then a spare one a helper. */
  slots: Float64Array;
  capacity: number;
};

type Size = { rows: number; slots: number; capacity: number; helpers: number };

const wideSlotBytes = 16;
const narrowSlotBytes = 8;

export function packedBytes({ rows, slots, capacity, helpers }: Size): number {
  return derivativeBytes({ rows, helpers }) + roomFor(slots * wideSlotBytes * (capacity + helpers));
}

export function allocatePackedArrays(
  memory: SharedMemory,
  { rows, slots, capacity, helpers }: Size,
): PackedArrays {
  return {
    ...allocateDerivatives(memory, { rows, helpers }),
    slots: memory.doubles(slots * (wideSlotBytes / 8) * (capacity + helpers)),
    capacity,
  };
}

/** What a thread needs for itself: one feature's slots unpacked, and the columns of a list. */
export type PackedScratch = { unpacked: Float64Array; columns: Int32Array };

export function createPackedHistograms(
  kernel: Kernel,
  { binned, binning, rows }: GrowerRows,
  arrays: PackedArrays,
  { unpacked, columns }: PackedScratch,
): Histograms {
  const { offsets } = binning;
  const width = binned.features;
  const cellBytes = binned.slots.BYTES_PER_ELEMENT;
  const rowBytes = width * cellBytes;
  const cells = binned.slots.byteOffset;
  const packed = arrays.packed.byteOffset;
  const slotsOfHistogram = offsets[width] as number;
  const is16 = cellBytes === 2;
  let isNarrow = true;
  let slotBytes = narrowSlotBytes;
  let units = { countBits: 0, gradientUnit: 1, hessianUnit: 1 };

  const slotAddress = (id: number, slot: number): number =>
    arrays.slots.byteOffset + (id * slotsOfHistogram + slot) * slotBytes;
  const rowAddress = (place: number): number => rows.byteOffset + place * rows.BYTES_PER_ELEMENT;

  const featureAt = (features: Int32Array, place: number): number => features[place] as number;
  const isRun = (features: Int32Array): boolean =>
    featureAt(features, features.length - 1) - featureAt(features, 0) === features.length - 1;
  const clear = (id: number, first: number, last: number): void => {
    const from = offsets[first] as number;
    kernel.clear(slotAddress(id, from), ((offsets[last + 1] as number) - from) * slotBytes);
  };

  // Slots between listed features hold what nobody reads; integers may wrap there.
  const combine = (
    operate: Kernel['add'],
    [into, other]: readonly [number, number],
    features: Int32Array,
  ): void => {
    const from = offsets[featureAt(features, 0)] as number;
    const to = offsets[featureAt(features, features.length - 1) + 1] as number;
    operate(slotAddress(into, from), slotAddress(into, to), slotAddress(other, from));
  };

  const use = ({ equalHessian, countBits, gradientUnit, hessianUnit }: ChosenRounding): void => {
    isNarrow = equalHessian !== null;
    slotBytes = isNarrow ? narrowSlotBytes : wideSlotBytes;
    units = { countBits, gradientUnit, hessianUnit: equalHessian ?? hessianUnit };
  };

  return {
    capacity: arrays.capacity,
    use,
    count: (id, { start, end }, features) => {
      const first = featureAt(features, 0);
      const list = [rowAddress(start), rowAddress(end)] as const;
      const histogram = slotAddress(id, 0);
      if (isRun(features)) {
        clear(id, first, first + features.length - 1);
        const count = is16
          ? isNarrow
            ? kernel.countAllNarrow16
            : kernel.countAllWide16
          : isNarrow
            ? kernel.countAllNarrow32
            : kernel.countAllWide32;
        const bytes = features.length * cellBytes;
        const byFours = (features.length - (features.length % 4)) * cellBytes;
        count(...list, cells + first * cellBytes, rowBytes, packed, histogram, byFours, bytes);
        return;
      }
      for (let k = 0; k < features.length; k++) {
        const feature = featureAt(features, k);
        clear(id, feature, feature);
        columns[k] = feature * cellBytes;
      }
      const count = is16
        ? isNarrow
          ? kernel.countSomeNarrow16
          : kernel.countSomeWide16
        : isNarrow
          ? kernel.countSomeNarrow32
          : kernel.countSomeWide32;
      const columnsEnd = columns.byteOffset + features.length * columns.BYTES_PER_ELEMENT;
      count(...list, cells, rowBytes, packed, histogram, columns.byteOffset, columnsEnd);
    },
    spare: (helper) => arrays.capacity + helper - 1,
    add: (into, from, features) => combine(kernel.add, [into, from], features),
    subtract: (parent, child, features) => combine(kernel.subtract, [parent, child], features),
    read: (id, feature) => {
      const unpack = isNarrow ? kernel.unpackNarrow : kernel.unpackWide;
      const from = slotAddress(id, offsets[feature] as number);
      const to = slotAddress(id, offsets[feature + 1] as number);
      unpack(from, to, unpacked.byteOffset, units.countBits, units.gradientUnit, units.hessianUnit);
      return unpacked;
    },
  };
}
