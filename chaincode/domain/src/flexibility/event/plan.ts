import { demand } from '../../errors';
import { present } from '../../assert';
import { greatest, mulDivFloor, sum } from '../../math';
import { addSlots, type Slot } from '../../time';
import { ppmWhole, wh, type Wh } from '../../units';
import { bandW } from '../enrolment/enrolment';
import type { Enrolment } from '../enrolment/rows';
import type { FlexDirection } from '../isps';
import { callsIn } from '../programme/programme';
import type { Programme } from '../programme/rows';
import type { EventAsset, EventIsp } from './rows';

/** What a disaggregation has an asset do: its calls, each with the energy of its slots. */
export interface PlannedAsset {
  readonly assetId: string;
  readonly calls: readonly { readonly firstSlot: Slot; readonly energiesWh: readonly Wh[] }[];
}

/** Energy in Wh of a quarter hour at one W, turned round: four quarter hours make an hour. */
const quartersPerHour = 4n;

/**
 * What a disaggregation asks of the assets of an enrolment, in the directions of the order. Refuses where that is nothing
 * (FLEX_EVENT_EMPTY), and an asset that would have to do more than its band (FLEX_EVENT_ABOVE_BAND).
 */
export function plannedAssets(
  plans: readonly PlannedAsset[],
  enrolment: Enrolment,
  directions: ReadonlyMap<Slot, FlexDirection>,
): readonly EventAsset[] {
  const { assets, participantId, programmeId } = enrolment;
  const planned = assets.flatMap((asset) => {
    const plan = plans.find(({ assetId }) => assetId === asset.assetId);
    const isps = plan === undefined ? [] : ispsOfPlan(plan, directions);
    for (const { direction, energyWh, slot } of isps) {
      const holds = energyWh * quartersPerHour <= bandW(asset, direction);
      demand(holds, 'FLEX_EVENT_ABOVE_BAND', { assetId: asset.assetId, slot });
    }
    return isps.length === 0 ? [] : [{ assetId: asset.assetId, isps }];
  });
  demand(planned.length > 0, 'FLEX_EVENT_EMPTY', { participantId, programmeId });
  return planned;
}

function ispsOfPlan({ calls }: PlannedAsset, directions: ReadonlyMap<Slot, FlexDirection>): readonly EventIsp[] {
  const isps = calls.flatMap(({ energiesWh, firstSlot }) =>
    energiesWh.map((energyWh, index) => {
      const slot = addSlots(firstSlot, index);
      const direction = present(directions.get(slot), 'A proven plan calls in slots of the order.');
      return { slot, direction, energyWh };
    }),
  );
  return isps.filter(({ energyWh }) => energyWh > 0n).sort((left, right) => left.slot - right.slot);
}

/** What is asked of a prosumer slot by slot: the sum over its assets, in the order of the slots. */
export function ispsOfEvent({ assets }: { readonly assets: readonly EventAsset[] }): readonly EventIsp[] {
  const bySlot = new Map<Slot, EventIsp>();
  for (const isp of assets.flatMap(({ isps }) => isps)) {
    const known = bySlot.get(isp.slot);
    bySlot.set(isp.slot, known === undefined ? isp : { ...known, energyWh: addWh(known.energyWh, isp.energyWh) });
  }
  return [...bySlot.values()].sort((left, right) => left.slot - right.slot);
}

function addWh(left: Wh, right: Wh): Wh {
  return wh(left + right);
}

/**
 * Refuses an event that a programme does not call for: outside its period and hours (FLEX_EVENT_OUTSIDE_PROGRAMME), in another direction
 * (FLEX_EVENT_DIRECTION), or a shift whose energies up and down differ by more than its tolerance of the larger one, rounded down
 * (FLEX_EVENT_NOT_NEUTRAL).
 */
export function demandProgrammeCalls({ programmeId, terms }: Programme, isps: readonly EventIsp[]): void {
  const outside = isps.find(({ slot }) => !callsIn(terms, slot));
  demand(outside === undefined, 'FLEX_EVENT_OUTSIDE_PROGRAMME', { programmeId, slot: outside?.slot ?? 0 });
  const other = isps.find(({ direction }) => terms.direction !== 'shift' && direction !== terms.direction);
  demand(other === undefined, 'FLEX_EVENT_DIRECTION', { programmeId, slot: other?.slot ?? 0 });
  if (terms.shiftTolerancePpm !== undefined) {
    const of = (wanted: FlexDirection) =>
      sum(isps.filter(({ direction }) => direction === wanted).map(({ energyWh }) => energyWh));
    const [downWh, upWh] = [of('reduce'), of('increase')];
    const difference = downWh > upWh ? downWh - upWh : upWh - downWh;
    const allowed = mulDivFloor(greatest(downWh, upWh), terms.shiftTolerancePpm, ppmWhole);
    demand(difference <= allowed, 'FLEX_EVENT_NOT_NEUTRAL', { programmeId });
  }
}
