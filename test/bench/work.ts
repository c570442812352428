import { canonicalJson, contracts, exampleAsset, functionName, limits } from '@flexledger/domain';
import { deriveId } from '@flexledger/gateway-app';
import { recordedIn, TRANSIENT_KEY, VALUES_PER_BLOCK, type BenchMeter, type SignedHour } from './blocks';
import type { BenchClients } from './client';
import type { BenchScene } from './scene';

/** One call as the benchmark's client sends it. */
export interface Call {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly transient?: Readonly<Record<string, string>>;
  /** Checks the answer. @throws Error for one that is not what was asked for */
  readonly check: (answer: string) => void;
}

/** A kind of work: what each of the workers calls next. */
export interface Work {
  readonly chaincode: string;
  readonly sender: keyof BenchClients;
  /** What one call carries: readings, or assets. */
  readonly itemsPerCall: number;
  /** Makes what so many calls need. */
  readonly prepare: (calls: number) => void;
  /** The next call of a worker; undefined when nothing is left. */
  readonly next: (worker: number) => Call | undefined;
}

/** Kept for reading back. */
export interface Sent {
  readonly hours: SignedHour[];
  readonly assets: string[][];
}

const KEPT = 50;
let calls = 0;

/** Meters whose hours one call carries: as many as it may. */
export const BLOCKS_PER_CALL = limits.blocksPerCallMax;

/**
 * Hours of many meters in one transaction. The meters stand in groups, the workers take turns with the groups, and no group is with
 * two workers: a gateway has one open block per meter as well.
 */
export function recordHours(
  chaincode: string,
  { seed, meters }: BenchScene,
  perCall: number,
  inFlight: number,
  sent: Sent,
): Work {
  const groups = Array.from({ length: Math.floor(meters.length / perCall) }, (_, group) =>
    meters.slice(group * perCall, (group + 1) * perCall),
  );
  const turns = Array<number>(inFlight).fill(0);
  const nextGroup = (worker: number): readonly BenchMeter[] => {
    const turn = turns[worker] ?? 0;
    const ofWorker = Math.ceil((groups.length - worker) / inFlight);
    turns[worker] = turn + 1;
    return groups[worker + (turn % ofWorker) * inFlight] ?? [];
  };
  return {
    chaincode,
    sender: 'community',
    itemsPerCall: perCall * VALUES_PER_BLOCK,
    prepare: (count) => {
      const hours = Math.ceil(count / groups.length) + 1;
      groups.flat().forEach((meter) => {
        meter.prepare(hours);
      });
    },
    next: (worker) => {
      const own = nextGroup(worker);
      if (own.length < perCall || own.some(({ waiting }) => waiting === 0)) return undefined;
      const hours = own.map((meter) => meter.next()).filter((hour) => hour !== undefined);
      keep(sent.hours, hours[0]);
      calls += 1;
      return {
        name: functionName(contracts.metering.recordProfiles),
        parameters: [canonicalJson({ commandId: deriveId(seed, `record/${calls}`), count: hours.length })],
        transient: { [TRANSIENT_KEY]: canonicalJson({ blocks: hours.map(({ content }) => content) }) },
        check: (answer) => {
          const recorded = recordedIn(answer);
          if (recorded !== hours.length) throw new Error(`${recorded} of ${hours.length} blocks recorded: ${answer}`);
        },
      };
    },
  };
}

/** The sample's own CreateAsset: five parameters, one row. */
export function createAssets(chaincode: string, { seed }: BenchScene, sent: Sent): Work {
  return {
    chaincode,
    sender: 'community',
    itemsPerCall: 1,
    prepare: () => undefined,
    next: () => {
      calls += 1;
      const parameters = [
        `asset-${deriveId(seed, `asset/${calls}`)}`,
        'blue',
        '5',
        'Tomoko',
        String(300 + (calls % 100)),
      ];
      keep(sent.assets, parameters);
      return { name: 'CreateAsset', parameters, check: () => undefined };
    },
  };
}

/** FlexLedger's nearest to that: registerAssets with one asset. */
export function registerAssets(chaincode: string, { seed, ownerId }: BenchScene): Work {
  return {
    chaincode,
    sender: 'aggregator',
    itemsPerCall: 1,
    prepare: () => undefined,
    next: () => {
      calls += 1;
      const asset = { ...exampleAsset, assetId: deriveId(seed, `asset/${calls}`), participantId: ownerId };
      return {
        name: functionName(contracts.registry.registerAssets),
        parameters: [canonicalJson({ commandId: deriveId(seed, `register/${calls}`), assets: [asset] })],
        check: () => undefined,
      };
    },
  };
}

function keep<T>(kept: T[], one: T | undefined): void {
  if (one !== undefined && calls % 7 === 0 && kept.length < KEPT) kept.push(one);
}
