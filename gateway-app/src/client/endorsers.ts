/** What a client must know of the consortium to name endorsers itself; MSP ids throughout. */
export interface Consortium {
  /** The organisations of which two must endorse every transaction. */
  readonly authorities: readonly string[];
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
  const authorities = consortium.authorities.filter((mspId) => members.includes(mspId));
  const others = members.filter((mspId) => !consortium.authorities.includes(mspId));
  const sets = authorities.flatMap((first, index) =>
    authorities.slice(index + 1).flatMap((second) => others.map((member) => [first, second, member])),
  );
  if (sets.length === 0) {
    throw new RangeError(`collection ${collection} has not two authorities and one other member`);
  }
  return sets;
}
