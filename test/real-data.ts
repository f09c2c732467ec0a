import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Real data sets may stand beside the checkout; they are not part of it, for their licences.
 * Tests that use one skip with the reason where it is absent.
 */
export function realData(folder: 'olist' | 'leads' | 'retail' | 'reviews'): {
  path: string;
  absent: boolean;
} {
  const path = fileURLToPath(new URL(`../../shared/data/${folder}`, import.meta.url));
  return { path, absent: !existsSync(path) };
}
