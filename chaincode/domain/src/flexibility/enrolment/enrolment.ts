import { demand, RuleError } from '../../errors';
import type { AssetId, ParticipantId, ProgrammeId } from '../../ids';
import { limits } from '../../limits';
import type { Asset } from '../../registry/device-types';
import type { Participant } from '../../registry/types';
import type { Slot } from '../../time';
import { w, type W } from '../../units';
import type { FlexDirection } from '../isps';
import { demandOpenProgramme } from '../programme/programme';
import type { Programme, ProgrammeDirection } from '../programme/rows';
import type { AssetPlace, Band, Comfort, EnrolledAsset, Enrolment, SlotSpan } from './rows';

/** What a prosumer signs when it enrols. */
export interface EnrolmentAsked extends Pick<Enrolment, 'commandId' | 'expirySlot' | 'signature'> {
  readonly assets: readonly Band[];
  readonly comfort: Comfort;
}

/** What the ledger knows when a prosumer enrols. */
export interface KnownForEnrolment {
  readonly programme: Programme;
  readonly participant: Participant;
  readonly existing: Enrolment | undefined;
  /** The assets that it names, as far as they are registered. */
  readonly assets: ReadonlyMap<AssetId, Asset>;
  /** Where those are enrolled that were ever. */
  readonly places: ReadonlyMap<AssetId, AssetPlace>;
}

/**
 * The enrolment of a prosumer in a programme. Refuses a programme that is closed, who is no prosumer or enrolled already, and assets that
 * are unknown, another's, not in service, elsewhere, with another aggregator (FLEX_ASSET_ENROLLED), or whose band is wider than their
 * rating or of no use to the programme.
 */
export function enrol(asked: EnrolmentAsked, known: KnownForEnrolment): Enrolment {
  const { existing, participant, programme } = known;
  const { participantId } = participant;
  const { aggregatorId, programmeId } = programme;
  demandOpenProgramme(programme);
  demand(participant.kind === 'prosumer', 'FLEX_NOT_PROSUMER', { participantId });
  demand(existing?.state !== 'ACTIVE', 'FLEX_ENROLLED', { programmeId, participantId });
  const ids = asked.assets.map(({ assetId }) => assetId);
  const twice = ids.find((assetId, index) => ids.indexOf(assetId) !== index);
  demand(twice === undefined, 'FLEX_ASSET_TWICE', { assetId: twice ?? '' });
  const rows = asked.assets.map((band) => ({ band, asset: ownAsset(band.assetId, participantId, known.assets) }));
  const gridId = demandOneGrid(
    rows.map(({ asset }) => asset),
    programme,
  );
  for (const { asset, band } of rows) {
    demandFree(asset.assetId, programme, known.places.get(asset.assetId));
    demandUsefulBand(band, asset, programme);
  }
  const { indoorMaximumDecikelvin, indoorMinimumDecikelvin } = asked.comfort;
  demand((indoorMinimumDecikelvin ?? 0) <= (indoorMaximumDecikelvin ?? limits.decikelvinMax), 'FLEX_COMFORT');
  const assets = rows.map(({ asset, band }) => enrolledAsset(band, asset));
  return { ...asked, programmeId, aggregatorId, participantId, gridId, assets, state: 'ACTIVE' };
}

function ownAsset(assetId: AssetId, participantId: ParticipantId, assets: ReadonlyMap<AssetId, Asset>): Asset {
  const asset = assets.get(assetId);
  if (asset === undefined) {
    throw new RuleError('ASSET_UNKNOWN', { assetId });
  }
  demand(asset.status !== 'REGISTERED', 'ASSET_NOT_COMMISSIONED', { assetId });
  demand(asset.status !== 'FROZEN', 'ASSET_FROZEN', { assetId });
  demand(asset.status !== 'RETIRED', 'ASSET_RETIRED', { assetId });
  demand(asset.participantId === participantId, 'FLEX_ASSET_NOT_OWN', { assetId });
  return asset;
}

function demandOneGrid(assets: readonly Asset[], { terms }: Programme): string {
  const [first] = assets;
  const gridId = first?.gridId ?? '';
  const elsewhere = assets.find((asset) => asset.gridId !== gridId || !terms.gridIds.includes(asset.gridId));
  demand(elsewhere === undefined, 'FLEX_ASSET_ELSEWHERE', { assetId: elsewhere?.assetId ?? '' });
  return gridId;
}

function demandFree(assetId: AssetId, { aggregatorId }: Programme, place: AssetPlace | undefined): void {
  const programmeIds = place?.programmeIds ?? [];
  const isFree = programmeIds.length === 0 || place?.aggregatorId === aggregatorId;
  demand(isFree, 'FLEX_ASSET_ENROLLED', { assetId, aggregatorId: place?.aggregatorId ?? '' });
  const { programmesPerAssetMax } = limits;
  demand(programmeIds.length < programmesPerAssetMax, 'FLEX_ASSET_PROGRAMMES', { assetId, programmesPerAssetMax });
}

/**
 * How far an asset can move at most, in W: a load between nothing and its rating, a generator likewise; a storage from full charge to full
 * discharge, which is twice its rating.
 */
export function widestBandW({ kind, ratedPowerW }: Pick<Asset, 'kind' | 'ratedPowerW'>): W {
  return kind === 'storage' ? w(2n * ratedPowerW) : ratedPowerW;
}

/** The rating is apparent power as well, so that no inverter has more reactive power. */
function demandUsefulBand(band: Band, asset: Asset, programme: Programme): void {
  const { increaseMaxW, noticeSlots, reduceMaxW } = band;
  const { assetId, ratedPowerW } = asset;
  const widestW = widestBandW(asset);
  demand(reduceMaxW <= widestW && increaseMaxW <= widestW, 'FLEX_BAND_ABOVE_RATING', { assetId });
  const { direction } = programme.terms;
  demand((band.reactiveMaxVar ?? 0n) <= ratedPowerW, 'FLEX_BAND_ABOVE_RATING', { assetId });
  demand(isUseful(band, direction), 'FLEX_BAND_DIRECTION', { assetId, direction });
  demand(noticeSlots <= programme.terms.noticeSlots, 'FLEX_BAND_NOTICE', { assetId });
}

function isUseful({ increaseMaxW, reactiveMaxVar, reduceMaxW }: Band, direction: ProgrammeDirection): boolean {
  switch (direction) {
    case 'reduce':
      return reduceMaxW > 0n;
    case 'increase':
      return increaseMaxW > 0n;
    case 'shift':
      return reduceMaxW > 0n && increaseMaxW > 0n;
    case 'voltage':
      return (reactiveMaxVar ?? 0n) > 0n;
  }
}

function enrolledAsset(band: Band, { bus, kind, meterId }: Asset): EnrolledAsset {
  return { ...band, kind, bus, ...(meterId === undefined ? {} : { meterId }) };
}

/** The enrolment while it stands; refuses with FLEX_NOT_ENROLLED. */
export function activeEnrolment(
  enrolment: Enrolment | undefined,
  programmeId: ProgrammeId,
  participantId: ParticipantId,
): Enrolment {
  if (enrolment?.state !== 'ACTIVE') {
    throw new RuleError('FLEX_NOT_ENROLLED', { programmeId, participantId });
  }
  return enrolment;
}

/** Where an asset is once an enrolment has begun or ended. */
export function placeAfter({ aggregatorId, programmeId, state }: Enrolment, place: AssetPlace | undefined): AssetPlace {
  const others = (place?.programmeIds ?? []).filter((id) => id !== programmeId);
  return { aggregatorId, programmeIds: state === 'ACTIVE' ? [...others, programmeId] : others };
}

/** The enrolment ended: no event is signalled any more, those that were stand. */
export function leave(enrolment: Enrolment): Enrolment {
  return { ...enrolment, state: 'LEFT' };
}

/** The enrolment with the times in which the prosumer cannot be called; refuses one that ends before it begins (FLEX_PERIOD). */
export function setAvailability(enrolment: Enrolment, unavailable: readonly SlotSpan[]): Enrolment {
  for (const { fromSlot, toSlot } of unavailable) {
    demand(fromSlot <= toSlot, 'FLEX_PERIOD', { fromSlot, toSlot });
  }
  const { unavailable: _before, ...rest } = enrolment;
  return unavailable.length === 0 ? rest : { ...rest, unavailable };
}

/** True where a prosumer has said that it cannot be called in one of some slots. */
export function isUnavailable({ unavailable = [] }: Enrolment, slots: readonly Slot[]): boolean {
  return slots.some((slot) => unavailable.some(({ fromSlot, toSlot }) => slot >= fromSlot && slot <= toSlot));
}

/** What an asset can move in a direction, in W. */
export function bandW({ increaseMaxW, reduceMaxW }: Band, direction: FlexDirection): W {
  return w(direction === 'reduce' ? reduceMaxW : increaseMaxW);
}
