import { exampleAssetId } from '../examples';

/** The contract of virtual power plants. */
export const vppContract = 'vpp';

/** Who may have deliveries measured and paid: everybody whose peer can work it out. */
export const verifierRoles = ['aggregator', 'tso', 'dso', 'market', 'community'] as const;

export const exampleServiceRequestId = '01serv1cereq00000000000000';
export const exampleCoalitionId = '0c0a11t10n0000000000000000';
export const exampleMandateId = '01mandate00000000000000000';
export const exampleTestId = '01test00000000000000000000';

export const exampleVppRules = {
  weights: {
    profitPpm: '1000000',
    selfSupplyPpm: '200000',
    fairnessPpm: '50000',
    wearPpm: '1000000',
    carbonPpm: '100000',
  },
  gapPpm: '20000',
  firmPpm: '900000',
  samplesMin: 8,
  firmDefaults: [
    { kind: 'storage', firmPpm: '980000' },
    { kind: 'generator', firmPpm: '950000' },
    { kind: 'pv', firmPpm: '800000' },
    { kind: 'heat-pump', firmPpm: '850000' },
    { kind: 'load', firmPpm: '850000' },
  ],
  testTolerancePpm: '950000',
  proposalSlots: 4,
  failuresMax: 3,
} as const;

export const exampleTechnicalData = {
  assetId: exampleAssetId,
  exportMaxW: '10000',
  importMaxW: '10000',
  onLevelMinW: '0',
  rampUpWPerMinute: '10000',
  rampDownWPerMinute: '10000',
  responseSeconds: 5,
  syncSeconds: 10,
  dispatchSlotsMax: 8,
  restSlots: 2,
  storage: {
    capacityWh: '20000',
    reserveWh: '4000',
    chargePpm: '950000',
    dischargePpm: '950000',
    storedWh: '15000',
    atSlot: 1_626_016,
  },
  apparentVa: '10000',
  energyCostMicroPerKwh: '20000',
  startCostMicro: '0',
  wearMicroPerKwh: '30000',
  reservePriceMicroPerKwh: '4000',
  carbonGramPerKwh: 0,
} as const;

export const exampleService = {
  serviceId: 'mfrr',
  name: 'Manual frequency restoration reserve',
  kind: 'mfrr',
  directions: ['up', 'down'],
  unit: 'W',
  fullActivationSeconds: 750,
  sliceSlots: 16,
  bidMinW: '1000000',
  bidStepW: '1000000',
  holdSlots: 4,
  handoverSecondsMax: 750,
  settledBy: 'dispatch',
  payment: 'pay-as-bid',
  keptPpm: '950000',
  membersMin: 1,
  prequalification: true,
  buyers: ['tso'],
} as const;

export const exampleServiceRequest = {
  serviceId: 'mfrr',
  gridIds: [],
  direction: 'up',
  firstSlot: 1_626_048,
  slices: 6,
  volumeMaxW: '2000000',
  bidMinW: '1000000',
  capacityPriceMicroPerKwh: '15000',
  energyPriceMicroPerKwh: '150000',
  activationPpm: '50000',
  penaltyMicroPerKwh: '300000',
  answerBySlot: 1_626_040,
} as const;
