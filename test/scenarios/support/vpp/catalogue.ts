import type { JsonObject } from '@flexledger/domain';
import { DAY_SLOT, HOUR } from './pool';

/** The first slot of an hour of the day, local time. */
export function hourSlot(hour: number): number {
  return DAY_SLOT + hour * HOUR;
}

const common = {
  sliceSlots: 16,
  payment: 'pay-as-bid',
  keptPpm: '950000',
  membersMin: 1,
} as const;

/** What can be bought: who publishes it, and its terms. */
export const SERVICES = {
  mfrr: {
    publisher: 'tso',
    terms: {
      ...common,
      serviceId: 'mfrr',
      name: 'Manual frequency restoration reserve',
      kind: 'mfrr',
      directions: ['up', 'down'],
      unit: 'W',
      fullActivationSeconds: 750,
      bidMinW: '1000000',
      bidStepW: '100000',
      holdSlots: 4,
      handoverSecondsMax: 750,
      settledBy: 'dispatch',
      prequalification: true,
      buyers: ['tso'],
    },
  },
  reactive: {
    publisher: 'dso',
    terms: {
      ...common,
      serviceId: 'reactive',
      name: 'Power-factor regulation',
      kind: 'reactive',
      directions: ['inductive', 'capacitive'],
      unit: 'var',
      fullActivationSeconds: 300,
      bidMinW: '100000',
      bidStepW: '10000',
      holdSlots: 4,
      handoverSecondsMax: 300,
      settledBy: 'dispatch',
      prequalification: false,
      buyers: ['dso'],
    },
  },
  capacity: {
    publisher: 'market',
    terms: {
      ...common,
      serviceId: 'capacity',
      name: 'Capacity for the wholesale market',
      kind: 'wholesale-capacity',
      directions: ['up'],
      unit: 'W',
      fullActivationSeconds: 3_600,
      bidMinW: '100000',
      bidStepW: '10000',
      holdSlots: 4,
      handoverSecondsMax: 900,
      settledBy: 'dispatch',
      prequalification: false,
      buyers: ['wholesale'],
    },
  },
} as const;

export type ServiceName = keyof typeof SERVICES;

/** What is asked for in the course of the day: prices are micro-euro per kW and hour kept ready, and per kWh called. */
export interface AskedService {
  readonly label: string;
  readonly service: ServiceName;
  readonly direction: 'up' | 'capacitive';
  readonly hour: number;
  readonly volumeMaxW: bigint;
  readonly bidMinW: bigint;
  readonly capacityPriceMicroPerKwh: bigint;
  readonly energyPriceMicroPerKwh: bigint;
  readonly activationPpm: bigint;
}

/** The evening of the system operator and that of the wholesale market are the same four hours: the better price has the pool. */
export const ASKED: readonly AskedService[] = [
  {
    label: 'mFRR of the morning',
    service: 'mfrr',
    direction: 'up',
    hour: 4,
    volumeMaxW: 1_000_000n,
    bidMinW: 1_000_000n,
    capacityPriceMicroPerKwh: 15_000n,
    energyPriceMicroPerKwh: 180_000n,
    activationPpm: 50_000n,
  },
  {
    label: 'capacity of the morning',
    service: 'capacity',
    direction: 'up',
    hour: 4,
    volumeMaxW: 1_000_000n,
    bidMinW: 100_000n,
    capacityPriceMicroPerKwh: 4_000n,
    energyPriceMicroPerKwh: 120_000n,
    activationPpm: 10_000n,
  },
  {
    label: 'power factor of the afternoon',
    service: 'reactive',
    direction: 'capacitive',
    hour: 16,
    volumeMaxW: 200_000n,
    bidMinW: 100_000n,
    capacityPriceMicroPerKwh: 6_000n,
    energyPriceMicroPerKwh: 10_000n,
    activationPpm: 250_000n,
  },
  {
    label: 'mFRR of the evening',
    service: 'mfrr',
    direction: 'up',
    hour: 20,
    volumeMaxW: 1_000_000n,
    bidMinW: 1_000_000n,
    capacityPriceMicroPerKwh: 7_000n,
    energyPriceMicroPerKwh: 180_000n,
    activationPpm: 50_000n,
  },
  {
    label: 'capacity of the evening',
    service: 'capacity',
    direction: 'up',
    hour: 20,
    volumeMaxW: 1_200_000n,
    bidMinW: 100_000n,
    capacityPriceMicroPerKwh: 25_000n,
    energyPriceMicroPerKwh: 250_000n,
    activationPpm: 50_000n,
  },
];

/** An asked service as its buyer sends it; offers are taken until half an hour before it. */
export function requestOf(asked: AskedService, changes: JsonObject = {}): JsonObject {
  const { activationPpm, bidMinW, capacityPriceMicroPerKwh, direction, energyPriceMicroPerKwh, hour, service } = asked;
  return {
    serviceId: SERVICES[service].terms.serviceId,
    gridIds: [],
    direction,
    firstSlot: hourSlot(hour),
    slices: 1,
    volumeMaxW: asked.volumeMaxW.toString(),
    bidMinW: bidMinW.toString(),
    capacityPriceMicroPerKwh: capacityPriceMicroPerKwh.toString(),
    energyPriceMicroPerKwh: energyPriceMicroPerKwh.toString(),
    activationPpm: activationPpm.toString(),
    penaltyMicroPerKwh: '300000',
    answerBySlot: hourSlot(hour) - HOUR / 2,
    ...changes,
  };
}
