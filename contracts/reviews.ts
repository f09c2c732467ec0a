import { z } from 'zod';
import type { PipelineName } from './ids.ts';

/** What one review may be. A text of twenty thousand characters is several printed pages. */
export const reviewLimits = {
  sourceCharacters: 200,
  idCharacters: 200,
  authorCharacters: 200,
  urlCharacters: 2_000,
  textCharacters: 20_000,
  earliestYear: 1970,
} as const;

/** `received` until a model has scored it; `quarantined` where none can, with the reason. */
export const reviewStatuses = ['received', 'scored', 'quarantined'] as const;
export type ReviewStatus = (typeof reviewStatuses)[number];

export const sentiments = ['positive', 'neutral', 'negative'] as const;
export type Sentiment = (typeof sentiments)[number];

/** Part of a review that a topic makes up. */
export type TopicWeight = { topic: string; weight: number };

/** A version that scores reviews. */
export type ScoringVersion = { pipeline: PipelineName; version: number };
/** What is said where there is none. */
export const noScoringVersion = 'no model that scores reviews is in production';

/** The source that a page of it stands for: the host of its URL. Any other name is left as it is. */
export function sourceOf(name: string): string {
  const trimmed = name.trim();
  if (!/^https?:\/\//i.test(trimmed) || !URL.canParse(trimmed)) return trimmed;
  return new URL(trimmed).host;
}

const control = /[^\P{Cc}\t\n\r]/u;
const half = /\p{Surrogate}/u;

/** A text that Postgres stores and people read: no control characters but tabs and line ends. */
const plainText = (maxCharacters: number) =>
  z
    .string()
    .max(maxCharacters, {
      error: ({ input }) => `has ${String(input).length} characters; the limit is ${maxCharacters}`,
    })
    .superRefine((text, context) => {
      const found = control.exec(text)?.[0];
      if (found !== undefined)
        context.addIssue({ code: 'custom', message: `holds the control character ${codePoint(found)}` });
      else if (half.test(text))
        context.addIssue({
          code: 'custom',
          message: 'holds half of a surrogate pair: it was cut or wrongly decoded',
        });
    });

const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

const isBlank = (text: string): boolean => text.trim() === '';
const notBlank = 'is empty; leave it out where there is none';

const idSchema = z
  .union([z.int().transform(String), plainText(reviewLimits.idCharacters)], {
    error: 'must be a text or a whole number',
  })
  .refine((id) => !isBlank(id), { error: notBlank });

const earliestMs = Date.UTC(reviewLimits.earliestYear, 0, 1);
const publishedSchema = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], {
    error: 'must be a date, or a time with its offset from UTC, as 2024-04-03T19:24:11Z',
  })
  .refine((time) => Date.parse(time) >= earliestMs, {
    error: `lies before ${reviewLimits.earliestYear}, when nobody published reviews here`,
  })
  .transform((time) => new Date(time).toISOString());

const urlSchema = plainText(reviewLimits.urlCharacters).refine(
  (url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol),
  { error: 'must be a URL that begins with http:// or https://' },
);

/** Emoji, what joins and colours them, and blanks; a digit only where it is part of a keycap. */
const wordless =
  /[\d#*]\ufe0f?\u20e3|[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{White_Space}\p{Default_Ignorable_Code_Point}]/gu;

const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? null);

/** A review as it is taken in; what is not known of it is null. `id` is the source's own. */
export const reviewSchema = z
  .strictObject(
    {
      source: plainText(reviewLimits.urlCharacters)
        .transform(sourceOf)
        .refine((source) => source !== '', { error: 'is empty' })
        .refine((source) => source.length <= reviewLimits.sourceCharacters, {
          error: `names a source by over ${reviewLimits.sourceCharacters} characters`,
        }),
      id: optional(idSchema),
      title: optional(plainText(reviewLimits.textCharacters)),
      text: optional(plainText(reviewLimits.textCharacters)),
      rating: optional(
        z
          .int({ error: 'must be a whole number from 1 to 5' })
          .min(1, 'must be from 1 to 5')
          .max(5, 'must be from 1 to 5'),
      ),
      publishedAt: optional(publishedSchema),
      author: optional(plainText(reviewLimits.authorCharacters)),
      url: optional(urlSchema),
      language: optional(
        z
          .string()
          .regex(/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i, 'must be a language tag such as en or pt-BR')
          .transform((tag) => tag.toLowerCase()),
      ),
    },
    {
      error: ({ code }) =>
        code === 'invalid_type' ? 'must be an object with the fields of a review' : undefined,
    },
  )
  .superRefine(({ title, text }, context) => {
    const said = `${title ?? ''}${text ?? ''}`;
    const message = isBlank(said)
      ? 'is missing, and so is title: a review has at least one of them'
      : said.replace(wordless, '') === ''
        ? 'holds nothing but emoji: there is nothing to score'
        : null;
    if (message !== null) context.addIssue({ code: 'custom', path: ['text'], message });
  });
export type Review = z.output<typeof reviewSchema>;
/** As clients send it. */
export type ReviewInput = z.input<typeof reviewSchema>;

/** Allowance for clocks that disagree. */
const futureMs = 24 * 60 * 60 * 1000;

export type FieldProblem = { pointer: string; message: string };

/** Whether a parsed value is a review, and if not why; a review of the future is none. */
export function checkReview(
  value: unknown,
  nowMs: number,
): { review: Review } | { problems: FieldProblem[] } {
  const parsed = reviewSchema.safeParse(value);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap(problemsOf) };
  const { publishedAt } = parsed.data;
  if (publishedAt !== null && Date.parse(publishedAt) > nowMs + futureMs)
    return { problems: [{ pointer: '/publishedAt', message: `lies in the future: ${publishedAt}` }] };
  return { review: parsed.data };
}

function problemsOf(issue: z.core.$ZodIssue): FieldProblem[] {
  const at = issue.path.map((part) => `/${String(part)}`).join('');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: `${at}/${key}`, message: 'is not known here' }));
  return [{ pointer: at, message: issue.message.replace(/^.*received undefined$/, 'is missing') }];
}

/** `waiting` where no model that scores reviews is in production yet. */
export const reviewBatchStatuses = ['received', 'waiting', 'done'] as const;
export type ReviewBatchStatus = (typeof reviewBatchStatuses)[number];

/** A part of one request's reviews of a source, as queues and workflows know it. */
export type ReviewBatch = { id: string; count: number };
