/** Weights, places and categories of the demo shop, after the published Olist data. */

export type State = {
  code: string;
  /** Share of customers, percent. */
  customers: number;
  /** Share of sellers, percent. */
  sellers: number;
  /** Days that a parcel from São Paulo usually travels. */
  transitDays: number;
  /** Range of the first five digits of postal codes. */
  zip: readonly [number, number];
  cities: readonly [string, ...string[]];
};

const state = (
  code: string,
  customers: number,
  sellers: number,
  transitDays: number,
  zip: readonly [number, number],
  cities: readonly [string, ...string[]],
): State => ({ code, customers, sellers, transitDays, zip, cities });

export const states: readonly [State, ...State[]] = [
  state('SP', 42, 59.7, 5.5, [1001, 19999], ['sao paulo', 'campinas', 'santos', 'guarulhos']),
  state('RJ', 12.9, 5.5, 10, [20000, 28999], ['rio de janeiro', 'niteroi']),
  state('MG', 11.7, 7.9, 8.5, [30000, 39999], ['belo horizonte', 'uberlandia']),
  state('RS', 5.5, 4.2, 11.5, [90000, 99999], ['porto alegre', 'caxias do sul']),
  state('PR', 5.1, 11.3, 8.5, [80000, 87999], ['curitiba', 'londrina']),
  state('SC', 3.7, 6.1, 11, [88000, 89999], ['florianopolis', 'joinville']),
  state('BA', 3.4, 0.6, 15, [40000, 48999], ['salvador', 'feira de santana']),
  state('DF', 2.2, 1, 9.5, [70000, 73699], ['brasilia']),
  state('ES', 2, 0.7, 12, [29000, 29999], ['vitoria', 'serra']),
  state('GO', 2, 1.3, 11.5, [72800, 76799], ['goiania', 'anapolis']),
  state('PE', 1.7, 0.3, 15, [50000, 56999], ['recife', 'olinda']),
  state('CE', 1.3, 0.4, 17, [60000, 63999], ['fortaleza']),
  state('PA', 1, 0.03, 19, [66000, 68899], ['belem']),
  state('MT', 0.9, 0.15, 14, [78000, 78899], ['cuiaba']),
  state('MA', 0.75, 0.03, 18, [65000, 65999], ['sao luis']),
  state('MS', 0.7, 0.15, 12.5, [79000, 79999], ['campo grande']),
  state('PB', 0.54, 0.2, 17, [58000, 58999], ['joao pessoa']),
  state('PI', 0.5, 0.03, 16, [64000, 64999], ['teresina']),
  state('RN', 0.49, 0.15, 16, [59000, 59999], ['natal']),
  state('AL', 0.42, 0.03, 20, [57000, 57999], ['maceio']),
  state('SE', 0.35, 0.06, 18, [49000, 49999], ['aracaju']),
  state('TO', 0.28, 0.03, 15, [77000, 77999], ['palmas']),
  state('RO', 0.25, 0.06, 16, [76800, 76999], ['porto velho']),
  state('AM', 0.15, 0.03, 22, [69000, 69299], ['manaus']),
  state('AC', 0.08, 0.03, 18, [69900, 69999], ['rio branco']),
  state('AP', 0.07, 0, 23, [68900, 68999], ['macapa']),
  state('RR', 0.05, 0, 24, [69300, 69399], ['boa vista']),
];

export type Category = {
  name: string;
  english: string;
  /** Share of products, percent. */
  share: number;
  /** Median price, BRL. */
  price: number;
  /** Median weight, grams. */
  weight: number;
  /** What its buyers add to the satisfaction of an order, in logits. */
  appeal: number;
};

const category = (
  name: string,
  english: string,
  share: number,
  price: number,
  weight: number,
  appeal: number,
): Category => ({ name, english, share, price, weight, appeal });

export const categories: readonly [Category, ...Category[]] = [
  category('cama_mesa_banho', 'bed_bath_table', 9.4, 75, 1400, -0.35),
  category('esporte_lazer', 'sports_leisure', 8.9, 80, 700, 0.05),
  category('moveis_decoracao', 'furniture_decor', 8.2, 65, 1700, -0.3),
  category('beleza_saude', 'health_beauty', 7.6, 80, 400, 0.2),
  category('utilidades_domesticas', 'housewares', 7.2, 60, 1500, 0.05),
  category('automotivo', 'auto', 5.9, 90, 800, 0),
  category('informatica_acessorios', 'computers_accessories', 5.1, 85, 400, -0.2),
  category('brinquedos', 'toys', 4.4, 80, 700, 0.1),
  category('relogios_presentes', 'watches_gifts', 4.1, 130, 350, -0.05),
  category('telefonia', 'telephony', 3.5, 35, 250, -0.2),
  category('bebes', 'baby', 2.9, 80, 1500, 0),
  category('perfumaria', 'perfumery', 2.7, 90, 350, 0.2),
  category('fashion_bolsas_e_acessorios', 'fashion_bags_accessories', 2.6, 50, 350, 0.15),
  category('papelaria', 'stationery', 2.6, 55, 700, 0.3),
  category('cool_stuff', 'cool_stuff', 2.4, 110, 1000, 0.15),
  category('ferramentas_jardim', 'garden_tools', 2.3, 60, 1200, 0),
  category('pet_shop', 'pet_shop', 2.2, 70, 1800, 0.15),
  category('eletronicos', 'electronics', 1.6, 45, 300, -0.05),
  category('construcao_ferramentas_construcao', 'construction_tools_construction', 1.2, 75, 2000, 0.05),
  category('eletrodomesticos', 'home_appliances', 1.1, 120, 3500, 0.1),
  category('malas_acessorios', 'luggage_accessories', 1.1, 110, 3000, 0.4),
  category('consoles_games', 'consoles_games', 1, 60, 350, 0),
  category('moveis_escritorio', 'office_furniture', 0.9, 150, 9000, -0.8),
  category('instrumentos_musicais', 'musical_instruments', 0.9, 140, 1900, 0.2),
  category('livros_interesse_geral', 'books_general_interest', 0.7, 55, 500, 0.6),
];

/** Monday first. */
export const weekdayWeights = [16.3, 16, 15.6, 14.9, 14.2, 10.9, 12.1] as const;
export const hourWeights = [
  2.4, 1.2, 0.5, 0.27, 0.2, 0.19, 0.5, 1.2, 3, 4.8, 6.2, 6.6, 6, 6.5, 6.6, 6.5, 6.7, 6.2, 5.8, 6, 6.2, 6.2,
  5.8, 4.1,
] as const;
