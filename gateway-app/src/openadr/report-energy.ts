import { limits, wh, type EnrolledAsset, type Wh } from '@flexledger/domain';
import { EXPORT_USAGE } from './descriptors';
import type { ReportRequest } from './report-schema';
import { slotsOfResource, type SlotValues } from './report-slots';

/** What a device took and gave in consecutive quarter hours, as its VEN says. */
export interface ReportedEnergy {
  readonly asset: EnrolledAsset;
  readonly startSlot: number;
  readonly importWh: readonly Wh[];
  readonly exportWh: readonly Wh[];
}

/** What of a report can be filed, and why the rest stays with the VTN. */
export interface EnergiesFound {
  readonly energies: readonly ReportedEnergy[];
  readonly kept: readonly string[];
}

/** In which unit a type is, and what one of it is in Wh within a quarter hour. */
const ENERGY_TYPES: Readonly<Record<string, { readonly unit: string; readonly unitWh: number }>> = {
  USAGE: { unit: 'KWH', unitWh: 1_000 },
  [EXPORT_USAGE]: { unit: 'KWH', unitWh: 1_000 },
  DEMAND: { unit: 'KW', unitWh: 250 },
};
const TYPES = Object.keys(ENERGY_TYPES);
/** What was measured; an estimate, a peak or a forecast is no energy of a quarter hour. */
const READING_TYPES = ['DIRECT_READ', 'MEAN'];
/** Devices that give nothing; of others a report has to say how much they gave. */
const ONLY_TAKING = ['load', 'heat-pump', 'ev-charger'];

/** The energies of a report about these assets, of quarter hours that are over by the ledger's clock. */
export function energiesOf(
  report: ReportRequest,
  assets: readonly EnrolledAsset[],
  currentSlot: number,
): EnergiesFound {
  const telling = report.resources.filter(({ intervals }) =>
    intervals.some(({ payloads }) => payloads.some(({ type }) => type === 'READING' || TYPES.includes(type))),
  );
  const found = telling.map((resource): ReportedEnergy | string => {
    const asset = assets.find(({ assetId }) => assetId === resource.resourceName);
    if (asset === undefined) return 'a resource is no enrolled asset';
    const isOnce = telling.filter(({ resourceName }) => resourceName === resource.resourceName).length === 1;
    return isOnce ? energyOf(report, resource, asset, currentSlot) : 'a resource stands twice';
  });
  return {
    energies: found.filter((one) => typeof one !== 'string'),
    kept: [...new Set(found.filter((one) => typeof one === 'string'))],
  };
}

function energyOf(
  report: ReportRequest,
  resource: ReportRequest['resources'][number],
  asset: EnrolledAsset,
  currentSlot: number,
): ReportedEnergy | string {
  const slots = slotsOfResource(resource, TYPES);
  if (slots === undefined) return 'the intervals are not quarter hours of the ledger';
  const [first] = slots;
  if (first === undefined) return 'a READING is a point in time, and no energy of a quarter hour';
  const startSlot = first.slot;
  const isRow = slots.every(({ slot }, index) => slot === startSlot + index);
  if (!isRow || slots.length > limits.eventSlotsMax) return 'the quarter hours are not one row of at most a day';
  if (startSlot + slots.length > currentSlot) return 'a quarter hour is not over yet';
  if (slots.some(({ values }) => (values.get('DATA_QUALITY') ?? 'OK') !== 'OK')) return 'the quality is not OK';
  const importWh = slots.map((one) => energyWh(report, one, ['USAGE', 'DEMAND']));
  const isTaking = ONLY_TAKING.includes(asset.kind) && slots.every(({ values }) => !values.has(EXPORT_USAGE));
  const exportWh = slots.map((one) => (isTaking ? wh(0n) : energyWh(report, one, [EXPORT_USAGE])));
  const isWhole = (values: readonly (Wh | undefined)[]): values is readonly Wh[] =>
    values.every((value) => value !== undefined);
  if (!isWhole(importWh)) return 'what was taken is not said of every quarter hour as measured in kWh or kW';
  if (!isWhole(exportWh)) return `what was given is not said of every quarter hour (${EXPORT_USAGE}, in kWh)`;
  return { asset, startSlot, importWh, exportWh };
}

/** The first of the types that a quarter hour has, rounded to the nearest Wh; undefined for another unit or kind of reading. */
function energyWh(report: ReportRequest, { values }: SlotValues, types: readonly string[]): Wh | undefined {
  const type = types.find((one) => values.has(one)) ?? '';
  const [value, meaning] = [values.get(type), ENERGY_TYPES[type]];
  if (typeof value !== 'number' || meaning === undefined || !isMeasured(report, type, meaning.unit)) return undefined;
  const energy = Math.round(value * meaning.unitWh);
  return Number.isSafeInteger(energy) && energy >= 0 ? wh(BigInt(energy)) : undefined;
}

/** False where the report itself describes the type as something else than a measurement in this unit. */
function isMeasured({ payloadDescriptors }: ReportRequest, type: string, unit: string): boolean {
  const descriptor = payloadDescriptors?.find(({ payloadType }) => payloadType === type);
  return (descriptor?.units ?? unit) === unit && READING_TYPES.includes(descriptor?.readingType ?? 'DIRECT_READ');
}
