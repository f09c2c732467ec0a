import { csv, noise } from '../data/inference/table.ts';

const subjects = [
  'claim reimbursement paid deposit refund processed submitted form bank letter paperwork',
  'surgery vet illness hospital tumor emergency treatment dog cat medicine bandage',
  'premium expensive increase monthly cost price raised doubled discount bill yearly',
].map((words) => words.split(' '));
const moods = { glad: ['wonderful', 'happy', 'thankful'], angry: ['terrible', 'awful', 'sad'] };

const pick = (words: readonly string[], label: string, row: number): string =>
  words[Math.floor(words.length * noise(label, row))] ?? '';
const moodOf = (row: number): keyof typeof moods => (noise('mood', row) < 0.6 ? 'glad' : 'angry');

/** The table of the pipeline `opinions`: the subjects come in turn. */
export const opinionsTable = (rows = 300): string =>
  csv(
    {
      id: (row) => `O-${1000 + row}`,
      text: (row) => {
        const said = [1, 2, 3, 4, 5, 6].map((place) =>
          pick(subjects[row % subjects.length] ?? [], `word${place}`, row),
        );
        return `The ${said.join(' and the ')} was ${pick(moods[moodOf(row)], 'feeling', row)}`;
      },
      mood: moodOf,
      written: (row) => `2025-0${1 + (row % 9)}-01 10:00:00`,
    },
    rows,
  );
