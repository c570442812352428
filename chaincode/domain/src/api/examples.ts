/** Example values for the reference documentation: every example request decodes, which a test checks. */
export const exampleCommandId = '01c0mmand000000000000000ab';
export const exampleParticipantId = '01part1c1pant0000000000000';
export const exampleMeterId = '01meter000000000000000000a';
export const exampleSessionId = '01sess10n0000000000000000a';
export const exampleOrderId = '01xrder000000000000000000a';
export const exampleAssetId = '01asset000000000000000000a';

/** A P-256 public key whose private key nobody kept. */
export const exampleKey =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEs4mrJDyhoa321S538Ld0s-gzS64Vjg21LsCAkn0XMso5O3YQ2J1YNb' +
  'gpfPCFJHjdP9K-I5YbyqHYOKaTRwBBvA';

/** A signature of something else by that key. */
export const exampleSignature =
  '1SwwrWmlxiPzEFD-wR3dlS5_v8ezc1o2ewiAxPIUbhtHHPh9Kqpc9PqTWVsj_YZ4OF-D7RlrmA9iX_frxGsekw';

export const exampleDigest = 'LXEWQrcmsEQBYnyp-6wy9chTD7GQPMTbAiWHF5IaSIE';

export const exampleRuleSet = {
  number: 1,
  marketTimeUnitSlots: 4,
  mechanism: 'uniform',
  kPpm: '500000',
  priceCapMicroPerKwh: '4000000',
  priceFloorMicroPerKwh: '0',
  tickMicroPerKwh: '100',
  quantityMinWh: '1',
  ordersPerParticipantMax: 48,
  retailPriceMicroPerKwh: '320000',
  feedInPriceMicroPerKwh: '80000',
  imbalanceShortMicroPerKwh: '350000',
  imbalanceLongMicroPerKwh: '60000',
  feePpm: '0',
  currency: 'EUR',
} as const;

export const exampleFounding = {
  authorities: ['TsoMSP', 'DsoMSP', 'RegulatorMSP'],
  members: ['AggregatorMSP', 'CommunityMSP', 'MarketMSP'],
  roles: [
    { role: 'tso', mspIds: ['TsoMSP'] },
    { role: 'dso', mspIds: ['DsoMSP'] },
    { role: 'regulator', mspIds: ['RegulatorMSP'] },
    { role: 'aggregator', mspIds: ['AggregatorMSP'] },
    { role: 'community', mspIds: ['CommunityMSP'] },
    { role: 'market', mspIds: ['MarketMSP'] },
    { role: 'oracle', mspIds: ['DsoMSP'] },
  ],
  timekeepers: ['RegulatorMSP', 'TsoMSP'],
  oracles: ['DsoMSP'],
  ruleSet: exampleRuleSet,
} as const;

export const exampleGrid = {
  gridId: 'rural-1',
  buses: [
    { id: 'bus-0', name: 'Substation', voltageV: 20_000 },
    { id: 'bus-1', name: 'Busbar', voltageV: 400 },
    { id: 'bus-2', name: 'House', voltageV: 400 },
  ],
  lines: [{ id: 'line-1', fromBus: 'bus-1', toBus: 'bus-2', limitW: '90000' }],
  transformer: { id: 'transformer', fromBus: 'bus-0', toBus: 'bus-1', limitW: '160000' },
  congestionPoints: [{ id: 'transformer', elementId: 'transformer', importLimitW: '160000', exportLimitW: '160000' }],
} as const;

export const exampleMeter = {
  meterId: exampleMeterId,
  participantId: exampleParticipantId,
  gridId: 'rural-1',
  bus: 'bus-2',
  deviceType: 'load',
  measurementType: 'active-energy',
  unit: 'Wh',
  resolutionMinutes: 15,
  obisImport: '1-0:1.8.0',
  obisExport: '1-0:2.8.0',
  phases: 3,
  accuracyClass: 'MID-B',
  fuseLimitW: '43000',
  firstSlot: 1_625_200,
  publicKey: exampleKey,
} as const;

export const exampleAsset = {
  assetId: exampleAssetId,
  participantId: exampleParticipantId,
  gridId: 'rural-1',
  bus: 'bus-2',
  kind: 'storage',
  phases: 3,
  ratedPowerW: '10000',
  energyWh: '20000',
} as const;
