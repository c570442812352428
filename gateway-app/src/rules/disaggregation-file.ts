import {
  decodeWhole,
  disaggregationCaseCodec,
  ppmCodec,
  type DisaggregationCase,
  type JsonObject,
} from '@flexledger/domain';
import { completedLists, readCaseFile } from './case-file';

/** A case as `flexledger rules disaggregate` reads it, with the gap that is agreed. */
export interface DisaggregationFile {
  readonly asked: DisaggregationCase;
  readonly gapPpmMax: bigint;
}

/** Fields that stand as decimal strings on the ledger and may be numbers in a file. */
const AMOUNTS: ReadonlySet<string> = new Set([
  'requestedWh',
  'deliveredWhMax',
  'reboundWhMax',
  'minWh',
  'maxWh',
  'maxWhBySlot',
  'priceMicroPerKwh',
  'callCostMicro',
  'sharePpm',
  'earlierWh',
  'energyWhMax',
  'shortfallMicroPerKwh',
  'fairnessMicroPerKwh',
  'shiftTolerancePpm',
  'gapPpmMax',
]);

/** Answers are expected to be the best ones unless the file agrees to less. */
const NO_GAP = '0';

/**
 * Reads the case of `flexledger rules disaggregate`. Integers stand as JSON numbers below 2^53 or as decimal strings; what most assets do not have
 * may be left out.
 *
 * @throws CliError RULES_NOT_JSON, RULES_FIELD_INVALID, RULES_FIELD_UNKNOWN
 */
export function readDisaggregationFile(text: string): DisaggregationFile {
  return readCaseFile(text, AMOUNTS, ({ gapPpmMax = NO_GAP, ...rest }) => ({
    asked: decodeWhole(disaggregationCaseCodec, withDefaults(rest)),
    gapPpmMax: ppmCodec.decode(gapPpmMax, '/gapPpmMax'),
  }));
}

/** What stands for the fields that a file leaves out: no notice, no rest, no limit of calls, no cost but that of energy. */
function withDefaults(value: JsonObject): JsonObject {
  const { assets, slots } = value;
  const places = Array.isArray(slots) ? Math.max(slots.length, 1) : 1;
  const defaults = {
    noticeSlots: 0,
    runSlotsMax: places,
    restSlots: 0,
    callsMax: places,
    callCostMicro: '0',
    rebound: [],
    earlierWh: '0',
  };
  const complete = (asset: JsonObject): JsonObject => ({ ...defaults, participantId: asset.assetId ?? '', ...asset });
  return {
    firstSlot: 0,
    noticeSlot: value.firstSlot ?? 0,
    comfort: [],
    fairnessMicroPerKwh: '0',
    ...value,
    ...completedLists({ assets: [assets, complete] }),
  };
}
