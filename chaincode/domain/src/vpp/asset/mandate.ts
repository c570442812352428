import { demand, RuleError } from '../../errors';
import type { AssetId, ParticipantId } from '../../ids';
import { limits } from '../../limits';
import type { Participant } from '../../registry/types';
import { addSlots, type Slot } from '../../time';
import type { MandateId } from '../ids';
import type { ServiceKind } from '../service/kinds';
import type { AssetMandates, TechnicalData, VppMandate } from './rows';
import { demandOwnData, knownTechnicalData } from './technical-data';

/** What an owner signs of a mandate. */
export type MandateAsked = Omit<VppMandate, 'state' | 'revokedFromSlot'>;

/** What the ledger knows when a mandate is granted. */
export interface KnownForMandate {
  readonly aggregator: Participant;
  readonly firstHasBegun: boolean;
  /** The technical data of the assets, as far as they were filed. */
  readonly data: ReadonlyMap<AssetId, TechnicalData>;
  /** The mandates of the assets that there are. */
  readonly mandates: ReadonlyMap<AssetId, AssetMandates>;
}

/**
 * The mandate of an owner to an aggregator. Refuses assets that are named twice, whose technical data nobody has filed or that are
 * another's, and assets that have a mandate at that time (VPP_ASSET_MANDATED).
 */
export function grantMandate(asked: MandateAsked, known: KnownForMandate): VppMandate {
  const { assetIds, constraints, firstSlot, lastSlot, participantId, services } = asked;
  for (const named of [assetIds, services, constraints.gridIds ?? []]) {
    demand(new Set<string>(named).size === named.length, 'VPP_NAMED_TWICE');
  }
  demand(firstSlot <= lastSlot, 'VPP_PERIOD', { firstSlot, lastSlot });
  demand(!known.firstHasBegun, 'VPP_PERIOD_BEGUN', { slot: firstSlot });
  for (const assetId of assetIds) {
    demandOwnData(knownTechnicalData(known.data.get(assetId), assetId), participantId);
  }
  const { kind, participantId: aggregatorId } = known.aggregator;
  demand(kind === 'aggregator', 'VPP_NOT_AGGREGATOR', { participantId: aggregatorId });
  const taken = assetIds.find((assetId) => isTaken(known.mandates.get(assetId), asked));
  demand(taken === undefined, 'VPP_ASSET_MANDATED', { assetId: taken ?? '' });
  return { ...asked, state: 'GRANTED' };
}

function isTaken(
  known: AssetMandates | undefined,
  { firstSlot, lastSlot }: Pick<VppMandate, 'firstSlot' | 'lastSlot'>,
) {
  const standing = known?.mandates.filter((other) => other.lastSlot >= firstSlot) ?? [];
  return standing.length >= limits.mandatesPerAssetMax || standing.some((other) => other.firstSlot <= lastSlot);
}

/** The mandates of an asset with a new one; those that end before it begins are history, which their own rows tell. */
export function mandatesWith(known: AssetMandates | undefined, mandate: VppMandate): AssetMandates {
  const { aggregatorId, firstSlot, lastSlot, mandateId } = mandate;
  const standing = known?.mandates.filter((other) => other.lastSlot >= firstSlot) ?? [];
  return { mandates: [...standing, { mandateId, aggregatorId, firstSlot, lastSlot }] };
}

/** The mandates of an asset once one of them is revoked: from its slot on others may take its place. */
export function mandatesWithout(known: AssetMandates | undefined, revoked: VppMandate): AssetMandates {
  const { firstSlot, mandateId, revokedFromSlot = firstSlot } = revoked;
  const mandates = (known?.mandates ?? []).flatMap((other) => {
    if (other.mandateId !== mandateId) {
      return [other];
    }
    // What begins before the revocation is kept to its end, so that the last slot is that before it at least.
    return revokedFromSlot <= firstSlot ? [] : [{ ...other, lastSlot: addSlots(revokedFromSlot, -1) }];
  });
  return { mandates };
}

/** The mandate of an id; refuses with VPP_MANDATE_UNKNOWN. */
export function knownMandate(mandate: VppMandate | undefined, mandateId: MandateId): VppMandate {
  if (mandate === undefined) {
    throw new RuleError('VPP_MANDATE_UNKNOWN', { mandateId });
  }
  return mandate;
}

/**
 * The mandate as its owner revokes it: from a slot on that has not begun, it stands for no slice that begins; slices that have begun by then
 * are kept to their end.
 */
export function revokeMandate(
  mandate: VppMandate,
  ownerId: ParticipantId,
  fromSlot: Slot,
  fromHasBegun: boolean,
): VppMandate {
  const { lastSlot, mandateId, participantId, state } = mandate;
  demand(fromSlot <= lastSlot, 'VPP_PERIOD', { fromSlot, lastSlot });
  demand(!fromHasBegun, 'VPP_PERIOD_BEGUN', { slot: fromSlot });
  demand(participantId === ownerId, 'VPP_NOT_OWN_MANDATE', { mandateId });
  demand(state === 'GRANTED', 'VPP_MANDATE_REVOKED', { mandateId });
  return { ...mandate, state: 'REVOKED', revokedFromSlot: fromSlot };
}

/** A slice of a service as one asset would serve it. */
export interface SliceAsked {
  readonly assetId: AssetId;
  readonly aggregatorId: ParticipantId;
  readonly kind: ServiceKind;
  readonly firstSlot: Slot;
  readonly lastSlot: Slot;
}

/**
 * True where a mandate stands for a slice: for the aggregator, the asset and the kind of service, with the whole slice inside its time. A
 * revocation counts for slices that begin at or after it, and never inside of one.
 */
export function mandateCovers(mandate: VppMandate | undefined, slice: SliceAsked): mandate is VppMandate {
  if (mandate === undefined) {
    return false;
  }
  const { aggregatorId, assetIds, firstSlot, lastSlot, revokedFromSlot, services } = mandate;
  const isFor = aggregatorId === slice.aggregatorId && assetIds.includes(slice.assetId);
  const isTime = firstSlot <= slice.firstSlot && slice.lastSlot <= lastSlot;
  const stands = revokedFromSlot === undefined || slice.firstSlot < revokedFromSlot;
  return isFor && services.includes(slice.kind) && isTime && stands;
}
