/** What a client must know of the consortium to name endorsers itself; MSP ids throughout. */
export interface Consortium {
  /** The organisations of which two must endorse every transaction. */
  readonly authorities: readonly string[];
  /** The other organisations, of which one must endorse every transaction; empty where the client does not know them. */
  readonly members?: readonly string[];
  /** Members of each private collection, authorities included. */
  readonly collections: Readonly<Record<string, readonly string[]>>;
}

/**
 * The sets of organisations that may endorse a transaction with values of this collection, when the submitter's
 * organisation is no member of it: its gateway refuses to plan there, so that private values reach members only.
 * Each set is two authorities and one other member, as the endorsement policy asks; the client walks through them.
 * @returns undefined when the gateway can plan: no collection, or the submitter is a member
 * @throws RangeError when the collection is unknown or has not the members for it
 */
export function endorserSets(
  consortium: Consortium,
  collection: string | undefined,
  submitter: string,
): readonly (readonly string[])[] | undefined {
  if (collection === undefined) {
    return undefined;
  }
  const members = consortium.collections[collection];
  if (members === undefined) {
    throw new RangeError(`the client knows no collection ${collection}`);
  }
  if (members.includes(submitter)) {
    return undefined;
  }
  const sets = policySets(consortium, members, undefined);
  if (sets.length === 0) {
    throw new RangeError(`collection ${collection} has not two authorities and one other member`);
  }
  return sets;
}

/**
 * The sets of organisations to try one after the other when the gateway's own choice did not agree: an organisation that
 * runs another build must not stop the others, and the gateway would choose it again. The pair of authorities changes
 * first, the submitter's own organisation is the first member.
 * @returns undefined when the client does not know enough to name endorsers
 */
export function alternativeSets(
  consortium: Consortium,
  collection: string | undefined,
  submitter: string,
): readonly (readonly string[])[] | undefined {
  const everybody = [...consortium.authorities, ...(consortium.members ?? [])];
  const candidates = collection === undefined ? everybody : (consortium.collections[collection] ?? []);
  const sets = policySets(consortium, candidates, submitter);
  return sets.length === 0 ? undefined : sets;
}

function policySets(
  consortium: Consortium,
  candidates: readonly string[],
  preferred: string | undefined,
): readonly (readonly string[])[] {
  const authorities = consortium.authorities.filter((mspId) => candidates.includes(mspId));
  const others = candidates.filter((mspId) => !consortium.authorities.includes(mspId));
  const ordered = [...others].sort((left, right) => Number(right === preferred) - Number(left === preferred));
  return ordered.flatMap((member) =>
    authorities.flatMap((first, index) => authorities.slice(index + 1).map((second) => [first, second, member])),
  );
}
