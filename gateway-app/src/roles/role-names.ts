/** The role apps of the day; each runs in its own process with the certificate of that name. */
export const ROLE_ORGANIZATIONS = {
  regulator: 'Regulator',
  tso: 'Tso',
  dso: 'Dso',
  aggregator: 'Aggregator',
  community: 'Community',
  market: 'Market',
} as const;

/** A role app conducted step by step; the oracle acts by itself. */
export type RoleName = keyof typeof ROLE_ORGANIZATIONS;

/** The role apps in the order in which they are started. */
export const ROLE_NAMES = Object.keys(ROLE_ORGANIZATIONS) as readonly RoleName[];

/** True for the name of a role app. */
export function isRoleName(name: string | undefined): name is RoleName {
  return name !== undefined && Object.hasOwn(ROLE_ORGANIZATIONS, name);
}
