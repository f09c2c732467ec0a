import { ApplicationFailure } from '@temporalio/common';

/**
 * The most that one activity or workflow boundary may carry, as JSON. The server's own limit is 2 MiB, and
 * a larger activity input there ends the whole run without any clean-up, so ours is refused well before.
 */
export const payloadLimitBytes = 256 * 1024;

/** @throws ApplicationFailure of the permanent type `PayloadTooLarge`, naming the boundary, the size and the limit. */
export function assertPayloadFits(value: unknown, boundary: string): void {
  const bytes = utf8Length(JSON.stringify(value) ?? '');
  if (bytes <= payloadLimitBytes) return;
  throw ApplicationFailure.nonRetryable(
    `${boundary} carries ${bytes} bytes; the limit is ${payloadLimitBytes}. Pass a reference into the store instead.`,
    'PayloadTooLarge',
  );
}

/** Counted by hand: the workflow sandbox has no `Buffer`. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    // Each half of a surrogate pair counts two of the pair's four bytes.
    else if (unit >= 0xd800 && unit <= 0xdfff) bytes += 2;
    else bytes += 3;
  }
  return bytes;
}
