import type { Random } from '../../ml/random.ts';
import { chance, createWeightedIndex, hexId, logistic, logNormal, pick, roundTo } from './distributions.ts';
import { hourWeights, type State, states, weekdayWeights } from './olist-catalogue.ts';
import { type Cause, reviewText } from './olist-review-text.ts';
import { drawZip, type Product, type Shop } from './olist-shop.ts';

/** One order with its customer, items, payments and reviews; times in milliseconds of UTC. */
export type Order = {
  id: string;
  customer: { id: string; personId: string; state: State; zip: string; city: string };
  status: string;
  purchasedAt: number;
  approvedAt: number | null;
  handedOverAt: number | null;
  deliveredAt: number | null;
  estimatedAt: number;
  shippingLimitAt: number;
  items: { product: Product; freight: number }[];
  payments: { type: string; installments: number; value: number }[];
  reviews: {
    id: string;
    score: number;
    title: string | null;
    message: string | null;
    createdAt: number;
    answeredAt: number;
  }[];
};

const dayMs = 86_400_000;
const firstDay = Date.UTC(2017, 0, 2); // a Monday
const weeks = 84;

const drawStateIndex = createWeightedIndex(states.map(({ customers }) => customers));
const drawWeekday = createWeightedIndex(weekdayWeights);
const drawHour = createWeightedIndex(hourWeights);

/** Where an order may stand; the shares are those of the published data, in percent. */
const fates = [
  { status: 'delivered', share: 97, approved: true, handedOver: true },
  { status: 'shipped', share: 1.1, approved: true, handedOver: true },
  { status: 'unavailable', share: 0.6, approved: true, handedOver: false },
  { status: 'canceled', share: 0.6, approved: true, handedOver: false },
  { status: 'processing', share: 0.35, approved: true, handedOver: false },
  { status: 'invoiced', share: 0.3, approved: true, handedOver: false },
  { status: 'created', share: 0.05, approved: false, handedOver: false },
] as const;
const drawFate = createWeightedIndex(fates.map(({ share }) => share));

/** `lastReviewId`: a few reviews carry the id of the review before them, as in the published data. */
export function drawOrder(random: Random, shop: Shop, lastReviewId: string | null): Order {
  const state = states[drawStateIndex(random)] ?? states[0];
  const fate = fates[drawFate(random)] ?? fates[0];
  const delivered = fate.status === 'delivered';
  const items = drawItems(random, shop, state);
  const seller = (items[0] as Order['items'][number]).product.seller;
  const payments = drawPayments(random, items);

  const purchasedAt = drawPurchase(random);
  const slip = payments[0]?.type === 'boleto';
  const approvedAt = purchasedAt + (slip ? logNormal(random, 1.1, 0.6) : logNormal(random, 0.012, 1)) * dayMs;
  const handlingDays = 0.3 + logNormal(random, 1.8 * seller.slowness, 0.7);
  const handedOverAt = approvedAt + handlingDays * dayMs;
  const usualTransitDays = transitDays(seller.state, state);
  // One parcel in twenty-five goes astray for a while.
  const strayDays = chance(random, 0.04) ? logNormal(random, 12, 0.6) : 0;
  const deliveredAt = handedOverAt + (logNormal(random, usualTransitDays, 0.42) + strayDays) * dayMs;
  const promisedDays = 5.5 + 1.45 * usualTransitDays + logNormal(random, 3.5, 0.5);
  const estimatedAt = startOfDay(purchasedAt + promisedDays * dayMs);

  const order: Order = {
    id: hexId(random),
    customer: {
      id: hexId(random),
      personId: hexId(random),
      state,
      zip: drawZip(random, state),
      city: pick(random, state.cities),
    },
    status: fate.status,
    purchasedAt,
    approvedAt: fate.approved ? approvedAt : null,
    handedOverAt: fate.handedOver ? handedOverAt : null,
    deliveredAt: delivered ? deliveredAt : null,
    estimatedAt,
    shippingLimitAt: approvedAt + 6 * dayMs,
    // Orders that the seller could not serve have lost their items, as in the published data.
    items: fate.status === 'unavailable' && chance(random, 0.98) ? [] : items,
    payments,
    reviews: [],
  };
  order.reviews = drawReviews(random, order, items, lastReviewId);
  return order;
}

function drawPurchase(random: Random): number {
  // The shop grows: the density of orders rises towards the end.
  const week = Math.floor(weeks * random.uniform() ** 0.6);
  const second = random.below(3600);
  return firstDay + (week * 7 + drawWeekday(random)) * dayMs + drawHour(random) * 3_600_000 + second * 1000;
}

function drawItems(random: Random, { products }: Shop, state: State): Order['items'] {
  const extra = chance(random, 0.1) ? 1 + Math.floor(logNormal(random, 0.5, 0.9)) : 0;
  const draw = (): Product => products[Math.floor(products.length * random.uniform() ** 1.7)] as Product;
  const first = draw();
  return Array.from({ length: 1 + Math.min(extra, 20) }, (_, i) => {
    const product = i === 0 || chance(random, 0.75) ? first : draw();
    const distance = transitDays(product.seller.state, state);
    const weight = product.weight ?? product.category.weight;
    const freight = (5 + 0.75 * distance + weight / 450) * Math.exp(0.25 * (random.uniform() - 0.5));
    return { product, freight: chance(random, 0.004) ? 0 : roundTo(freight, 2) };
  });
}

/** Days on the road between two states, from what each is away from São Paulo. */
const transitDays = (from: State, to: State): number =>
  from.code === to.code
    ? Math.max(3.5, to.transitDays * 0.55)
    : 0.8 * to.transitDays + 0.35 * from.transitDays;

function drawPayments(random: Random, items: Order['items']): Order['payments'] {
  const cents = items.reduce(
    (sum, { product, freight }) => sum + Math.round(product.price * 100) + Math.round(freight * 100),
    0,
  );
  const kind = random.uniform();
  if (kind < 0.03) {
    const vouchers = 1 + Math.min(Math.floor(logNormal(random, 0.6, 0.9)), 8);
    const part = Math.floor(cents / (vouchers + 1));
    const card = { type: 'credit_card', installments: 1, value: (cents - part * vouchers) / 100 };
    const rest = { type: 'voucher', installments: 1, value: part / 100 };
    return [card, ...Array.from({ length: vouchers }, () => rest)];
  }
  if (kind < 0.22) return [{ type: 'boleto', installments: 1, value: cents / 100 }];
  if (kind < 0.235) return [{ type: 'debit_card', installments: 1, value: cents / 100 }];
  if (kind < 0.25) return [{ type: 'voucher', installments: 1, value: cents / 100 }];
  const affordable = Math.min(10, 1 + Math.floor(cents / 3000));
  const installments = chance(random, 0.4) ? 1 : 1 + random.below(affordable);
  return [{ type: 'credit_card', installments, value: cents / 100 }];
}

function drawReviews(
  random: Random,
  order: Order,
  items: Order['items'],
  lastReviewId: string | null,
): Order['reviews'] {
  if (chance(random, 0.007)) return [];
  const { deliveredAt, estimatedAt } = order;
  // The form goes out the day after delivery, or two days after a promise that was not kept.
  const givenUpAt = estimatedAt + 2 * dayMs;
  const waiting = deliveredAt === null || deliveredAt > givenUpAt + random.below(6) * dayMs;
  const createdAt = waiting ? givenUpAt : startOfDay(deliveredAt) + dayMs;
  const { score, cause } = drawScore(random, order, items, createdAt);
  const answeredAt = createdAt + (0.1 + logNormal(random, 1.4, 0.9)) * dayMs;
  const id = lastReviewId !== null && chance(random, 0.004) ? lastReviewId : hexId(random);
  const first = { id, score, ...reviewText(random, { score, cause }), createdAt, answeredAt };
  if (!chance(random, 0.0055)) return [first];

  // Some write again, days later, with a milder or harsher mind.
  const secondScore = Math.min(Math.max(1, score + random.below(3) - 1), 5);
  const again = createdAt + (3 + random.below(12)) * dayMs;
  const second = {
    id: hexId(random),
    score: secondScore,
    ...reviewText(random, { score: secondScore, cause }),
    createdAt: again,
    answeredAt: again + (0.1 + logNormal(random, 1.4, 0.9)) * dayMs,
  };
  return [first, second];
}

/** Where the odds of a score of at least 2, 3, 4 and 5 are even, in logits of an average order. */
const scoreCuts = [-2.3, -1.95, -1.1, 0.15] as const;

function drawScore(
  random: Random,
  order: Order,
  items: Order['items'],
  knownAt: number,
): { score: number; cause: Cause } {
  const { product } = items[0] as Order['items'][number];
  const sellers = new Set(items.map((item) => item.product.seller.id)).size;
  const freight = items.reduce((sum, item) => sum + item.freight, 0);
  const price = items.reduce((sum, item) => sum + item.product.price, 0);
  let mood = 0.75 + product.category.appeal + 0.35 * product.seller.care;
  mood -= 0.5 * Math.min(freight / price, 1.5);
  if (items.length > 1) mood -= 0.9;
  if (sellers > 1) mood -= 1;
  if (product.described !== null) mood += 0.1 * Math.min(product.described.photos, 5);

  let cause: Cause = items.length > 1 ? 'several-items' : 'fine';
  if (order.deliveredAt === null) {
    mood -= 4.2;
    cause = 'missing';
  } else if (order.deliveredAt > knownAt) {
    mood -= 3.8;
    cause = 'waiting';
  } else {
    const gapDays = (order.deliveredAt - order.estimatedAt) / dayMs;
    mood -= 0.055 * ((order.deliveredAt - order.purchasedAt) / dayMs - 11);
    if (gapDays > 0) {
      mood -= 1.8 + 0.25 * Math.min(gapDays, 10);
      cause = 'late';
    }
  }
  // The spread of taste: against it the causes above explain about two fifths of the variance.
  const felt = mood + 0.95 * logistic(random);
  return { score: 1 + scoreCuts.filter((cut) => felt > cut).length, cause };
}

const startOfDay = (atMs: number): number => atMs - (atMs % dayMs);
