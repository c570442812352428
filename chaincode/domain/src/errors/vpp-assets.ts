import type { ErrorRow } from './error-row';

/** Refusals of assets, mandates, bands, services, requests and tests of virtual power plants, in precedence order. */
export const vppAssetErrors = [
  {
    code: 'VPP_OFF',
    meaning: 'The rule set has no virtual power plants.',
    whoFixes: 'operator',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
