/** Container health of the API: alive. Readiness, which depends on others, is at /readyz for a load balancer. */
import { readConfig } from '../dist/config/config.js';

const response = await fetch(`http://127.0.0.1:${readConfig().port}/healthz`, {
  signal: AbortSignal.timeout(4000),
});
process.exit(response.ok ? 0 : 1);
