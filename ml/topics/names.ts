const wordsInName = 3;

/**
 * A name for each topic of the words that tell it from the others: "Claims, process, easy". No two are the same, and
 * none is one of `taken`.
 * @param telling words of each topic, the most telling first
 */
export function nameTopics(telling: readonly (readonly string[])[], taken: readonly string[] = []): string[] {
  const given = new Set(taken);
  return telling.map((words, topic) => {
    const chosen: string[] = [];
    for (const word of words) {
      if (chosen.length === wordsInName) break;
      if (!chosen.some((other) => isFormOf(word, other))) chosen.push(word);
    }
    const name = chosen.length === 0 ? `Topic ${topic + 1}` : capitalised(chosen.join(', '));
    let own = name;
    for (let next = 2; given.has(own); next++) own = `${name} (${next})`;
    given.add(own);
    return own;
  });
}

/** Whether most words of a name are still among those that tell its topic from the others. */
export function namesStill(name: string, telling: readonly string[]): boolean {
  const words = name
    .replace(/ \(\d+\)$/, '')
    .toLowerCase()
    .split(', ');
  const left = words.filter((word) => telling.some((other) => other === word || isFormOf(word, other)));
  return 2 * left.length > words.length;
}

/** Whether two words look like forms of one: "claim" and "claims", "price" and "pricing". */
function isFormOf(one: string, other: string): boolean {
  let same = 0;
  while (same < one.length && same < other.length && one[same] === other[same]) same += 1;
  return same >= 4 && one.length - same <= 3 && other.length - same <= 3;
}

const capitalised = (text: string): string => {
  const [first = '', ...rest] = Array.from(text);
  return first.toUpperCase() + rest.join('');
};
