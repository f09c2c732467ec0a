import type { Random } from '../../ml/random.ts';
import { chance, createWeightedIndex, hexId, logNormal, normal, pick, roundTo } from './distributions.ts';
import { type Category, categories, type State, states } from './olist-catalogue.ts';

export type Seller = {
  id: string;
  state: State;
  zip: string;
  city: string /** Factor on the handling time. */;
  slowness: number /** What the seller adds to satisfaction. */;
  care: number;
};
export type Product = {
  id: string;
  category: Category;
  seller: Seller;
  price: number;
  weight: number | null;
  sizes: readonly [number, number, number] | null;
  /** Products listed carelessly lack their category and texts together, as in the published data. */
  described: { name: number; description: number; photos: number } | null;
};
export type Shop = { sellers: readonly Seller[]; products: readonly Product[] };

/** Sellers and products in the proportions of the published data, for a number of orders. */
export function createShop(random: Random, orders: number): Shop {
  const between = (low: number, value: number, high: number): number =>
    Math.min(Math.max(low, Math.round(value)), high);
  const sellerState = createWeightedIndex(states.map(({ sellers }) => sellers));
  const sellers = Array.from({ length: between(12, orders * 0.03, 3000) }, (): Seller => {
    const state = states[sellerState(random)] ?? states[0];
    return {
      id: hexId(random),
      state,
      zip: drawZip(random, state),
      city: pick(random, state.cities),
      slowness: Math.exp(0.45 * normal(random)),
      care: normal(random),
    };
  });
  const categoryOf = createWeightedIndex(categories.map(({ share }) => share));
  const products = Array.from({ length: between(40, orders * 0.33, 33_000) }, (): Product => {
    const category = categories[categoryOf(random)] ?? categories[0];
    return {
      id: hexId(random),
      category,
      // Squared: a few sellers have most of the range.
      seller: sellers[Math.floor(sellers.length * random.uniform() ** 2)] as Seller,
      price: roundTo(Math.max(3, logNormal(random, category.price, 0.75)), 2),
      weight: chance(random, 0.001) ? null : between(50, logNormal(random, category.weight, 0.8), 40_000),
      sizes: chance(random, 0.001) ? null : [size(random, 25), size(random, 13), size(random, 20)],
      described: chance(random, 0.022)
        ? null
        : {
            name: between(8, 49 + 10 * normal(random), 76),
            description: between(20, logNormal(random, 600, 0.75), 3990),
            photos: between(1, logNormal(random, 1.7, 0.6), 20),
          },
    };
  });
  return { sellers, products };
}

const size = (random: Random, median: number): number =>
  Math.min(Math.max(2, Math.round(logNormal(random, median, 0.5))), 105);

export function drawZip(random: Random, { zip: [low, high] }: State): string {
  return String(low + random.below(high - low + 1)).padStart(5, '0');
}
