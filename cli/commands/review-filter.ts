import { type Command, Option } from 'commander';
import { reviewStatuses, sentiments } from '../../contracts/reviews.ts';

/** Which reviews a command is about; its options are those of a request. */
export const withReviewFilter = (command: Command): Command =>
  command
    .option('--source <name>')
    .option('--from <time>', 'published from then on, as 2024-01-01T00:00:00Z')
    .option('--to <time>', 'published before then')
    .addOption(new Option('--status <status>').choices(reviewStatuses))
    .addOption(new Option('--sentiment <sentiment>').choices(sentiments))
    .option('--topic <name>')
    .option('--rating <stars>')
    .option('--language <tag>')
    .option('--words <words>', 'of title or text: all of them, "in this order", or, -without')
    .option('--disagrees <true|false>', 'whether the rating says the opposite of the text');
