import { array, integer, object, oneOf, optional, type TypeOf } from '../decode';
import { elementIdCodec, freeTextCodec, obisCodec, publicKeyCodec, saltCodec } from '../field-codecs';
import { assetIdCodec, meterIdCodec, participantIdCodec } from '../ids';
import { slotCodec } from '../time';
import { ppmCodec, wCodec, whCodec } from '../units';

const assetKinds = ['load', 'pv', 'storage', 'wind', 'chp', 'heat-pump', 'ev-charger', 'hydro', 'generator'] as const;

/** What a flexible asset is; a `generator` is a back-up generator, which runs on fuel when it is called. */
export const assetKindCodec = oneOf(...assetKinds);

/** What a meter measures: what is behind a connection, or all that is behind a branch of the grid. */
export const deviceTypeCodec = oneOf(...assetKinds, 'feeder');
export const resolutionMinutesCodec = oneOf(1, 5, 15, 30, 60);
export type ResolutionMinutes = TypeOf<typeof resolutionMinutesCodec>;
/** Conductors that a device is connected to besides the neutral one. */
export const phasesCodec = oneOf(1, 3);

/**
 * The class of accuracy of a meter, as it is printed on it: classes A, B and C of EN 50470-3 (the Measuring Instruments
 * Directive), classes 2 and 1 of IEC 62053-21, classes 0.5S and 0.2S of IEC 62053-22.
 */
export const accuracyClassCodec = oneOf('MID-A', 'MID-B', 'MID-C', 'IEC-2', 'IEC-1', 'IEC-0.5S', 'IEC-0.2S');
export type AccuracyClass = TypeOf<typeof accuracyClassCodec>;

/**
 * Where a device is in its life: registered on paper, commissioned (it counts or may be steered), frozen for as long as there
 * is a doubt about it, retired for good.
 */
export const deviceStatusCodec = oneOf('REGISTERED', 'COMMISSIONED', 'FROZEN', 'RETIRED');
export type DeviceStatus = TypeOf<typeof deviceStatusCodec>;

/** What only a feeder meter has: the line or transformer that it measures, and what of the energy may get lost behind it. */
export const feederCodec = object({ elementId: elementIdCodec, lossAllowancePpm: ppmCodec });

/** What is said of a meter once and never changes. */
const meterFields = {
  meterId: meterIdCodec,
  /** Who is settled by it; nobody by a feeder meter. */
  participantId: optional(participantIdCodec),
  feeder: optional(feederCodec),
  /** The connection point: a bus of a grid. */
  gridId: elementIdCodec,
  bus: elementIdCodec,
  deviceType: deviceTypeCodec,
  measurementType: oneOf('active-energy'),
  unit: oneOf('Wh'),
  resolutionMinutes: resolutionMinutesCodec,
  /** The registers that it counts import and export in; which codes go together: registry/obis.ts. */
  obisImport: obisCodec,
  obisExport: obisCodec,
  phases: phasesCodec,
  accuracyClass: accuracyClassCodec,
  /** Most power that the fuse lets through: energy above it is flagged BAD. */
  fuseLimitW: wCodec,
  /** The slot in which its first block begins. */
  firstSlot: slotCodec,
};

/** A meter as the system operator registers it. */
export const meterEntryCodec = object({ ...meterFields, publicKey: publicKeyCodec });
export type MeterEntry = TypeOf<typeof meterEntryCodec>;

/** One key of a meter and the first block that it signs. */
export const meterKeyCodec = object({
  version: integer(1, 1_000),
  publicKey: publicKeyCodec,
  firstSequence: integer(1, 9_999_999_999),
});

/**
 * A registered meter: what never changes, and what does. The key that it was registered with became version 1 of its keys. The
 * end of its chain of blocks stands in a row of its own, so that a block does not rewrite the meter.
 */
export const meterCodec = object({
  ...meterFields,
  keys: array(meterKeyCodec, 1_000, 1),
  status: deviceStatusCodec,
});
export type Meter = TypeOf<typeof meterCodec>;

/** Who is behind the pseudonym of a meter; confidential. */
export const meterIdentityCodec = object({
  meterId: meterIdCodec,
  /** The metering point's identification in the operator's own books. */
  meteringPoint: freeTextCodec,
  salt: saltCodec,
});
export type MeterIdentity = TypeOf<typeof meterIdentityCodec>;

const assetFields = {
  assetId: assetIdCodec,
  participantId: participantIdCodec,
  /** The meter that counts it alone, where there is one. */
  meterId: optional(meterIdCodec),
  /** The connection point: a bus of a grid. */
  gridId: elementIdCodec,
  bus: elementIdCodec,
  kind: assetKindCodec,
  phases: phasesCodec,
  ratedPowerW: wCodec,
  /** What a storage can hold; only a storage has it. */
  energyWh: optional(whCodec),
};

/** A flexible asset as its aggregator registers it: none of it ever changes. */
export const assetEntryCodec = object(assetFields);
export type AssetEntry = TypeOf<typeof assetEntryCodec>;

/** A registered flexible asset. */
export const assetCodec = object({ ...assetFields, status: deviceStatusCodec });
export type Asset = TypeOf<typeof assetCodec>;

/** The row by which the assets of a participant are found. */
export const participantAssetCodec = object({ assetId: assetIdCodec });

/** Which meter has a key. */
export const keyOwnerCodec = object({ meterId: meterIdCodec });
