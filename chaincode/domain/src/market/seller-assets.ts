import { sum } from '../math';
import type { Asset, Meter } from '../registry/device-types';
import { w, type W } from '../units';
import type { OrderSet, Session } from './rows';

/** Sources of renewable energy. */
const renewable: readonly Meter['deviceType'][] = ['pv', 'wind', 'hydro'];

/** Sources of other energy. A storage is neither: it only gives back what it took. */
const notRenewable: readonly Meter['deviceType'][] = ['chp', 'generator'];

/** What gives energy to the grid, and whose rated power is what a seller has installed. */
const installed: readonly Meter['deviceType'][] = [...renewable, ...notRenewable, 'storage'];

/**
 * What is registered of a seller in the grid of a session and in service: whether its energy is green, which it is where it has a renewable
 * source and no other one, and the power installed behind its offers, which is the rated power of its sources and storages together; absent
 * where no such asset is registered.
 */
export function sellerAssetsOf(
  { gridId }: Pick<Session, 'gridId'>,
  meters: readonly Pick<Meter, 'deviceType' | 'gridId' | 'status'>[],
  assets: readonly Pick<Asset, 'gridId' | 'kind' | 'ratedPowerW' | 'status'>[],
): NonNullable<OrderSet['seller']> {
  const serving = assets.filter((asset) => asset.gridId === gridId && asset.status === 'COMMISSIONED');
  const counting = meters.filter((meter) => meter.gridId === gridId && meter.status === 'COMMISSIONED');
  const kinds = [...counting.map(({ deviceType }) => deviceType), ...serving.map(({ kind }) => kind)];
  const has = (sources: readonly Meter['deviceType'][]): boolean => kinds.some((kind) => sources.includes(kind));
  const sources = serving.filter(({ kind }) => installed.includes(kind));
  const installedW = w(sum(sources.map(({ ratedPowerW }) => ratedPowerW)));
  return { isGreen: has(renewable) && !has(notRenewable), ...(installedW > 0n ? { installedW } : {}) };
}

/** The power installed behind the offers of a participant: of its registered assets where the session asks for them, or its connection. */
export function installedPowerW({ connectionLimitW, seller }: Pick<OrderSet, 'connectionLimitW' | 'seller'>): W {
  return seller?.installedW ?? connectionLimitW;
}

/** Whether what a participant sells counts as green. */
export type IsGreen = (participantId: string) => boolean;

/**
 * Who sells green energy in a session: by its registered assets; or, where the rule set does not ask for these, everybody but the
 * balancing participant, whose energy comes from outside.
 */
export function greenSellers(
  { ruleSet }: Pick<Session, 'ruleSet'>,
  orderSets: readonly Pick<OrderSet, 'participantId' | 'seller'>[],
): IsGreen {
  if (ruleSet.sellerAssets === undefined) {
    return (participantId) => participantId !== ruleSet.balancingParticipantId;
  }
  const green = orderSets.filter(({ seller }) => seller?.isGreen === true).map(({ participantId }) => participantId);
  const ids = new Set<string>(green);
  return (participantId) => ids.has(participantId);
}
