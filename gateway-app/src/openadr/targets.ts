import type { Stamped } from './wire';

/**
 * Who may read what (OpenADR 3.1, "Object Privacy"). An object with targets is for VENs that have been granted one of them. A request may
 * narrow the targets; one that names none means all that its VEN has been granted, because a request for one object by its id
 * cannot name any.
 */
export interface TargetFilter {
  /** What the reader has been granted; undefined for business logic, which reads all that is its own. */
  readonly granted: ReadonlySet<string> | undefined;
  /** What the request names; empty for no restriction. */
  readonly requested: readonly string[];
}

/** The object as its reader may see it: without the targets that are not its own; undefined where it may not see it at all. */
export function visible<T extends { readonly targets: readonly string[] }>(
  object: Stamped<T>,
  { granted, requested }: TargetFilter,
): Stamped<T> | undefined {
  const { targets } = object;
  if (targets.length === 0) return requested.length === 0 ? object : undefined;
  const matching = targets.filter((target) => requested.length === 0 || requested.includes(target));
  const own = granted === undefined ? matching : matching.filter((target) => granted.has(target));
  if (own.length === 0) return undefined;
  return granted === undefined ? object : { ...object, targets: own };
}
