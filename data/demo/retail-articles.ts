import type { Random } from '../../ml/random.ts';
import { logNormal, pick } from './distributions.ts';

export type Article = { code: string; description: string; price: number };

const colours = ['RED', 'WHITE', 'PINK', 'BLUE', 'IVORY', 'VINTAGE', 'RETROSPOT', 'FELTCRAFT'] as const;
const things = [
  'HANGING HEART T-LIGHT HOLDER',
  'METAL LANTERN',
  'CAFÉ CUP AND SAUCER',
  'LUNCH BAG',
  'CAKE STAND, 3 TIERS',
  'UNION JACK BUNTING',
  'JAM JAR WITH LID',
  'ALARM CLOCK',
  'HOT WATER BOTTLE',
  'PARTY BUNTING',
  'SET OF 6 SPICE TINS',
  'DOORMAT',
] as const;
const articleCount = 240;

export function createArticles(random: Random): readonly [Article, ...Article[]] {
  const create = (place: number): Article => ({
    code: `${20_000 + place * 7}${place % 5 === 0 ? 'A' : ''}`,
    description: `${pick(random, colours)} ${pick(random, things)}`,
    price: Math.max(0.19, logNormal(random, 2.4, 0.7)),
  });
  const first = create(0);
  return [first, ...Array.from({ length: articleCount - 1 }, (_, place) => create(place + 1))];
}
