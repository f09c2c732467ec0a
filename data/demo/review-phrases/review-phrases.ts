/** What reviews of a pet insurer are made of: topics, and how people speak of them when all is well and when it is not. */

export const moods = ['negative', 'neutral', 'positive'] as const;
export type Mood = (typeof moods)[number];

export const reviewTopics = ['claims', 'price', 'service', 'app', 'coverage', 'enrolment'] as const;
export type ReviewTopic = (typeof reviewTopics)[number];

type Phrases = readonly [string, ...string[]];
type ByMood = Readonly<Record<Mood, Phrases>>;

/** One language's. In a phrase `{days}` is a number, `{animal}` and `{name}` one of those below. */
export type ReviewPhrases = {
  /** What the topics are called in titles. */
  subjects: Readonly<Record<ReviewTopic, Phrases>>;
  /** Without the full stop. */
  topics: Readonly<Record<ReviewTopic, ByMood>>;
  openings: ByMood;
  closings: ByMood;
  titles: ByMood;
  /** All of one gender, so that they stand in the same phrases. */
  animals: Phrases;
  names: Phrases;
};
