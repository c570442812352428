import {
  endorsementLayouts,
  evaluateSignaturePolicy,
  type ApplicationPolicy,
  type ChaincodeDefinition,
  type SignaturePolicy,
} from '@flexledger/fabric-model';
import type { ChannelLedger } from '../ledger/channel-ledger';
import { findCollection, isCollectionMember } from './access';
import type { Endorser } from './endorser';
import { Plan, type Layout } from './plan';
import type { Interest } from './proposal-outcome';

/** A number from 0 (inclusive) to 1 (exclusive), from the devnet's seeded generator. */
export type Random = () => number;

/** Policies that one set of endorsers must all satisfy, and who may be asked at all. */
interface Demand {
  readonly policies: readonly SignaturePolicy[];
  readonly candidates: readonly Endorser[];
}

function signaturePolicyOf(ledger: ChannelLedger, policy: ApplicationPolicy): SignaturePolicy {
  if (policy.kind === 'signature') return policy.policy;
  const path = policy.reference.startsWith('/') ? policy.reference : `/Channel/Application/${policy.reference}`;
  const found = ledger.config.signaturePolicyFor(path);
  if (found === undefined) throw new Error('policy not found');
  return found;
}

function demandOf(
  ledger: ChannelLedger,
  definition: ChaincodeDefinition,
  interest: Interest,
  endorsers: readonly Endorser[],
  keepsToMembers: boolean,
): Demand {
  const policies: SignaturePolicy[] = [];
  let candidates = [...endorsers];
  if (interest.needsChaincodePolicy) policies.push(signaturePolicyOf(ledger, definition.endorsementPolicy));
  for (const { name, isRead } of interest.collections) {
    const collection = findCollection(ledger, definition, name);
    policies.push(signaturePolicyOf(ledger, collection.endorsementPolicy ?? definition.endorsementPolicy));
    if (isRead || keepsToMembers) {
      candidates = candidates.filter(({ peer }) => isCollectionMember(ledger, collection, peer.signer.serialized));
    }
  }
  return { policies, candidates };
}

function mergeLayouts(left: readonly Layout[], right: readonly Layout[]): readonly Layout[] {
  const merged = new Map<string, Layout>();
  for (const one of left) {
    for (const other of right) {
      const layout = new Map(one);
      for (const [mspId, count] of other) layout.set(mspId, Math.max(count, layout.get(mspId) ?? 0));
      const key = [...layout]
        .map(([mspId, count]) => `${mspId}:${String(count)}`)
        .sort()
        .join(' ');
      merged.set(key, layout);
    }
  }
  return [...merged.values()];
}

function peersOf(layout: Layout, candidates: readonly Endorser[]): readonly Endorser[] | undefined {
  const chosen: Endorser[] = [];
  for (const [mspId, count] of layout) {
    const group = candidates.filter(({ peer }) => peer.mspId === mspId).slice(0, count);
    if (group.length < count) return undefined;
    chosen.push(...group);
  }
  return chosen;
}

function satisfies(ledger: ChannelLedger, policies: readonly SignaturePolicy[], chosen: readonly Endorser[]): boolean {
  const { msps } = ledger.config;
  const identities = chosen.map(({ peer }) => msps.deserialize(peer.signer.serialized));
  return policies.every((policy) =>
    evaluateSignaturePolicy(policy, identities, (identity, principal) => msps.satisfies(identity, principal)),
  );
}

function layoutsFor(ledger: ChannelLedger, { policies, candidates }: Demand): readonly Layout[] {
  const all = policies
    .map((policy) => endorsementLayouts(policy))
    .reduce<readonly Layout[]>((left, right) => mergeLayouts(left, right), [new Map()]);
  return all.filter((layout) => {
    const chosen = peersOf(layout, candidates);
    return chosen !== undefined && chosen.length > 0 && satisfies(ledger, policies, chosen);
  });
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const one = result[index];
    const two = result[other];
    if (one === undefined || two === undefined) continue;
    result[index] = two;
    result[other] = one;
  }
  return result;
}

/** Chooses who endorses, as the gateway does with the help of discovery. */
export class Planner {
  constructor(
    private readonly endorsers: readonly Endorser[],
    private readonly random: Random,
  ) {}

  /** The endorsers of these organisations on a channel, the given one first. */
  endorsersOf(ledger: ChannelLedger, mspIds: readonly string[], first: Endorser): readonly Endorser[] {
    const members = this.endorsers.filter(
      ({ peer }) => mspIds.includes(peer.mspId) && ledger.config.applicationMspIds.includes(peer.mspId),
    );
    return [...members.filter((one) => one === first), ...members.filter((one) => one !== first)];
  }

  /** One endorser of each named organisation. @throws Error with Fabric's text when one has none. */
  planForOrganizations(ledger: ChannelLedger, mspIds: readonly string[], first: Endorser): Plan {
    const groups = new Map<string, Endorser[]>(
      mspIds.map((mspId) => [mspId, [...this.endorsersOf(ledger, [mspId], first)]]),
    );
    const missing = [...groups].filter(([, group]) => group.length === 0).map(([mspId]) => mspId);
    if (missing.length > 0) {
      throw new Error(`failed to find any endorsing peers for org(s): ${missing.join(', ')}`);
    }
    return new Plan([new Map(mspIds.map((mspId) => [mspId, 1]))], groups);
  }

  /**
   * All sets of organisations that satisfy the policies of what a simulation touched, the first endorser's own first.
   * @param keepsToMembers - whether only members of written collections may be asked (a proposal with transient data).
   * @throws Error with Fabric's text when there is no such set.
   */
  planForInterest(
    ledger: ChannelLedger,
    definition: ChaincodeDefinition,
    interest: Interest,
    first: Endorser,
    keepsToMembers: boolean,
  ): Plan {
    const own = this.endorsersOf(ledger, ledger.config.applicationMspIds, first);
    const demand = demandOf(ledger, definition, interest, own, keepsToMembers);
    const layouts = layoutsFor(ledger, demand);
    if (layouts.length === 0) {
      throw new Error(
        'no combination of peers can be derived which satisfy the endorsement policy: ' +
          'no peer combination can satisfy the endorsement policy',
      );
    }
    const preferred = layouts.filter((layout) => layout.has(first.peer.mspId));
    const others = layouts.filter((layout) => !layout.has(first.peer.mspId));
    const groups = new Map<string, Endorser[]>();
    for (const endorser of demand.candidates) {
      groups.set(endorser.peer.mspId, [...(groups.get(endorser.peer.mspId) ?? []), endorser]);
    }
    return new Plan([...shuffled(preferred, this.random), ...shuffled(others, this.random)], groups);
  }
}
