import {
  decodeWhole,
  disaggregationCaseCodec,
  isJsonObject,
  ppmCodec,
  RuleError,
  type DisaggregationCase,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';

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
  const { gapPpmMax = NO_GAP, ...rest } = withTextAmounts(parse(text));
  try {
    return {
      asked: decodeWhole(disaggregationCaseCodec, withDefaults(rest)),
      gapPpmMax: ppmCodec.decode(gapPpmMax, '/gapPpmMax'),
    };
  } catch (error) {
    if (error instanceof RuleError && error.code.startsWith('INPUT_')) {
      const code = error.code === 'INPUT_FIELD_UNKNOWN' ? 'RULES_FIELD_UNKNOWN' : 'RULES_FIELD_INVALID';
      throw new CliError(code, said(error.details), { cause: error });
    }
    throw error;
  }
}

function said({ expected, keys, path }: JsonObject): string {
  const place = typeof path === 'string' ? path : '/';
  if (typeof expected === 'string') return `${place}: write ${expected}`;
  return typeof keys === 'string' ? `${place}: known fields are ${keys}` : `${place} is absent; write it`;
}

function parse(text: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new CliError('RULES_NOT_JSON', `the case is not JSON (${String(error)})`, { cause: error });
  }
  if (isJsonObject(value)) return value;
  throw new CliError('RULES_FIELD_INVALID', 'the case is no object; write an object');
}

function withTextAmounts(value: JsonObject): JsonObject {
  const text = (member: JsonValue, isAmount: boolean): JsonValue => {
    if (Array.isArray(member)) return (member as readonly JsonValue[]).map((element) => text(element, isAmount));
    if (isJsonObject(member)) return withTextAmounts(member);
    return isAmount && typeof member === 'number' && Number.isSafeInteger(member) ? String(member) : member;
  };
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, text(member, AMOUNTS.has(name))]));
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
  const complete = (asset: JsonValue): JsonValue =>
    isJsonObject(asset) ? { ...defaults, participantId: asset.assetId ?? '', ...asset } : asset;
  return {
    firstSlot: 0,
    noticeSlot: value.firstSlot ?? 0,
    comfort: [],
    fairnessMicroPerKwh: '0',
    ...value,
    ...(Array.isArray(assets) ? { assets: (assets as readonly JsonValue[]).map(complete) } : {}),
  };
}
