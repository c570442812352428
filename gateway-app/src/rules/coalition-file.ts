import {
  coalitionCaseCodec,
  coalitionCostsCodec,
  coalitionWeightsCodec,
  decodeWhole,
  evenWeights,
  isJsonObject,
  ppmCodec,
  weightedPrices,
  type CoalitionCase,
  type CoalitionWeights,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { completedLists, readCaseFile } from './case-file';

/** A case as `flexledger rules coalition` reads it, with the gap that is agreed. */
export interface CoalitionFile {
  readonly asked: CoalitionCase;
  readonly gapPpmMax: bigint;
}

/** Fields that stand as decimal strings on the ledger and may be numbers in a file. */
const AMOUNTS: ReadonlySet<string> = new Set([
  'minW',
  'maxW',
  'stepW',
  'maxWByStep',
  'costMicroPerKwh',
  'keepMicroPerKwh',
  'firmPpm',
  'startCostMicro',
  'upWh',
  'downWh',
  'capacityPriceMicroPerKwh',
  'energyPriceMicroPerKwh',
  'activationPpm',
  'marginPpm',
  'holdPpm',
  'wearMicroPerKwh',
  'localMicroPerKwh',
  'earlierMicroPerKwh',
  'profit',
  'selfSupply',
  'fairness',
  'wear',
  'gapPpmMax',
]);

const BANDS = ['up', 'down', 'symmetric', 'inductive', 'capacitive'];
/** What weights count beside the prices of a band. */
const WEIGHTED = ['wearMicroPerKwh', 'localMicroPerKwh', 'earlierMicroPerKwh'];

/**
 * Reads the case of `flexledger rules coalition`. Integers stand as JSON numbers below 2^53 or as decimal strings; what most assets and requests do not have
 * may be left out. Weights enter the prices here, by the rule that the contract uses as well.
 *
 * @throws CliError RULES_NOT_JSON, RULES_FIELD_INVALID, RULES_FIELD_UNKNOWN
 */
export function readCoalitionFile(text: string): CoalitionFile {
  return readCaseFile(text, AMOUNTS, ({ gapPpmMax = '0', weights, ...rest }) => ({
    asked: decodeWhole(coalitionCaseCodec, withDefaults(rest, weightsOf(weights))),
    gapPpmMax: ppmCodec.decode(gapPpmMax, '/gapPpmMax'),
  }));
}

function weightsOf(value: JsonValue | undefined): CoalitionWeights {
  const even = coalitionWeightsCodec.encode(evenWeights);
  const whole =
    isJsonObject(value ?? {}) && isJsonObject(even) ? { ...even, ...(value as JsonObject | undefined) } : value;
  const weights = coalitionWeightsCodec.decode(whole ?? null, '/weights');
  if (weights.profit > 0n) return weights;
  throw new CliError('RULES_FIELD_INVALID', '/weights/profit: write a weight above 0');
}

/** What stands for the fields that a file leaves out: hours, no delays, no limits of runs, no rest, no margin, and one asset in a coalition. */
function withDefaults(value: JsonObject, weights: CoalitionWeights): JsonObject {
  const { assets, requests } = value;
  const steps = typeof value.steps === 'number' ? value.steps : 1;
  const asset = (member: JsonObject): JsonObject => ({
    participantId: member.assetId ?? '',
    activationSeconds: 0,
    runStepsMax: Math.max(steps, 1),
    restSteps: 0,
    startCostMicro: '0',
    ...Object.fromEntries(Object.entries(member).map(([name, band]) => [name, bandOf(name, band, weights)])),
  });
  const request = (member: JsonObject): JsonObject => ({
    firstStep: 0,
    sliceSteps: 1,
    slices: steps,
    activationSecondsMax: 43_200,
    stepW: '1',
    energyPriceMicroPerKwh: '0',
    activationPpm: '0',
    marginPpm: '0',
    holdPpm: '0',
    assetsMin: 1,
    ...member,
  });
  return {
    firstSlot: 0,
    stepSlots: 4,
    groups: [],
    ...value,
    ...completedLists({ assets: [assets, asset], requests: [requests, request] }),
  };
}

/** A band with the prices that weights make of its costs. */
function bandOf(name: string, band: JsonValue, weights: CoalitionWeights): JsonValue {
  if (!BANDS.includes(name) || !isJsonObject(band)) return band;
  const { costMicroPerKwh = '0', keepMicroPerKwh = '0', ...rest } = band;
  const aims = Object.fromEntries(WEIGHTED.map((aim) => [aim, rest[aim] ?? '0']));
  const costs = coalitionCostsCodec.decode(
    { energyMicroPerKwh: costMicroPerKwh, keepMicroPerKwh, ...aims },
    `/assets/${name}`,
  );
  const prices = weightedPrices(costs, weights);
  const plain = Object.fromEntries(Object.entries(rest).filter(([field]) => !WEIGHTED.includes(field)));
  return {
    minW: '0',
    firmPpm: '1000000',
    ...plain,
    costMicroPerKwh: prices.costMicroPerKwh.toString(),
    keepMicroPerKwh: prices.keepMicroPerKwh.toString(),
  };
}
