import type { Random } from '../../ml/random.ts';
import { chance, pick } from './distributions.ts';

/** What an order's review is about, as its writer sees it. */
export type Cause = 'late' | 'missing' | 'waiting' | 'product' | 'several-items' | 'fine';

type Phrases = readonly [string, ...string[]];

const openings: Record<'bad' | 'mixed' | 'good', Phrases> = {
  bad: ['Péssimo.', 'Muito decepcionado.', 'Não recomendo!', 'Estou insatisfeita com a compra.', 'Horrível,'],
  mixed: ['Razoável.', 'Mais ou menos.', 'Esperava mais.', 'O produto é bom, mas', 'Atendeu em parte.'],
  good: [
    'Recomendo!',
    'Ótimo produto.',
    'Muito bom!',
    'Excelente compra,',
    'Adorei.',
    'Tudo certo.',
    'Super recomendo a loja.',
  ],
};

const bodies: Record<Cause, Phrases> = {
  late: [
    'o produto chegou depois do prazo.',
    'a entrega atrasou muito',
    'demorou mais de uma semana além do prometido, e ninguém avisou.',
    'entrega fora do prazo, a transportadora é ruim.',
  ],
  missing: [
    'não recebi o produto até hoje.',
    'ainda não recebi meu pedido e ninguém responde os e-mails.',
    'comprei e não entregaram, quero meu dinheiro de volta!',
    'o pedido consta como "em separação" há semanas.',
  ],
  waiting: [
    'ainda estou aguardando a entrega.',
    'o prazo já passou e o produto não chegou',
    'sem previsão de entrega, aguardo retorno.',
  ],
  product: [
    'o produto veio com defeito.',
    'veio errado, pedi outra cor',
    'a qualidade é inferior à da foto.',
    'produto diferente do anunciado; o material é fraco.',
    'veio faltando uma peça.',
  ],
  'several-items': [
    'comprei dois e veio apenas um.',
    'recebi somente parte do pedido, falta o resto.',
    'os produtos vieram em entregas separadas\r\ne um deles não chegou.',
  ],
  fine: [
    'entrega rápida e produto conforme anunciado.',
    'chegou antes do prazo.',
    'produto de boa qualidade, bem embalado.',
    'vendedor de confiança, entrega no prazo.',
    'gostei muito do produto\r\ncomprarei novamente.',
    'chegou tudo direitinho, obrigado.',
  ],
};

const titles: Record<'bad' | 'mixed' | 'good', Phrases> = {
  bad: ['Não recomendo', 'Péssimo', 'Não chegou', 'Decepção', 'Ruim'],
  mixed: ['Regular', 'Bom', 'Mais ou menos', 'Atraso'],
  good: ['Recomendo', 'Super recomendo', 'Excelente', 'Ótimo', 'Muito bom', '10'],
};

/** Share of reviews with a text, by score: those who are angry write. */
const textShare = [0, 0.75, 0.69, 0.43, 0.3, 0.35] as const;

/** Title and message, null where the customer wrote none. */
export function reviewText(
  random: Random,
  { score, cause }: { score: number; cause: Cause },
): { title: string | null; message: string | null } {
  const mood = score <= 2 ? 'bad' : score === 3 ? 'mixed' : 'good';
  const told: Cause = mood === 'good' ? 'fine' : cause === 'fine' ? 'product' : cause;
  const message = chance(random, textShare[score] ?? 0)
    ? `${pick(random, openings[mood])} ${pick(random, bodies[told])}`
    : null;
  const title = chance(random, message === null ? 0.04 : 0.24) ? pick(random, titles[mood]) : null;
  return { title, message };
}
