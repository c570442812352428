import { array, integer, nullable, object } from '../../decode';
import { digestCodec } from '../../field-codecs';
import { assetIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { bandDirectionCodec } from '../../vpp/directions';
import { openedMinutesCodec } from '../../vpp/dispatch/rows';
import { serviceIdCodec, testIdCodec } from '../../vpp/ids';
import { prequalificationCodec, subjectFields, testShareCodec } from '../../vpp/prequalification/rows';
import { testSignalCodec, testSignalFields, testTelemetryCodec } from '../../vpp/prequalification/rows';
import { serviceKindCodec } from '../../vpp/service/kinds';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleAssetId, exampleCommandId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, privateSubmitSpec, submitSpec } from '../transaction-spec';
import { exampleTestId, vppContract as contract } from './common';

const named = { subjectId: assetIdCodec, kind: serviceKindCodec, direction: bandDirectionCodec };
const namedExample = { subjectId: exampleAssetId, kind: 'mfrr', direction: 'up' };
const namedSlotExample = { ...namedExample, kind: 'fcr', slot: 1_626_048 };

/** The transactions of the contract `vpp` by which assets and pools are tested. */
export const prequalificationTransactions = {
  startTest: submitSpec(contract, 'startTest', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      subjectKind: subjectFields.subjectKind,
      serviceId: serviceIdCodec,
      direction: bandDirectionCodec,
      firstSlot: slotCodec,
      slots: integer(1, limits.testSlotsMax),
      shares: array(testShareCodec, limits.assetsPerTestMax, 1),
    }),
    response: prequalificationCodec,
    errors: [
      ...signatureErrors,
      'COMMITMENTS_CAPACITY',
      'COMMITMENTS_STORAGE',
      'VPP_OFF',
      'VPP_NAMED_TWICE',
      'VPP_PERIOD_BEGUN',
      'VPP_DATA_UNKNOWN',
      'VPP_NOT_AGGREGATOR',
      'VPP_MANDATE_MISSING',
      'VPP_SERVICE_UNKNOWN',
      'VPP_SERVICE_RETIRED',
      'VPP_SERVICE_DIRECTION',
      'VPP_BID_BELOW_MINIMUM',
      'VPP_BID_STEP',
      'VPP_TEST_OPEN',
      'VPP_TEST_SHARES',
      'VPP_TEST_UNMEASURABLE',
      'VPP_BANDS_UNKNOWN',
      'VPP_TEST_ABOVE_BAND',
      'VPP_ASSET_TOO_SLOW',
      'VPP_TEST_PROMISED',
    ],
    facts: ['TestStarted'],
    summary:
      'Announces a test activation of an asset, or of assets of a pool, for a service; nothing else may be promised then.',
    example: {
      ...signedExample,
      subjectKind: 'asset',
      serviceId: 'mfrr',
      direction: 'up',
      firstSlot: 1_626_048,
      slots: 2,
      shares: [{ assetId: exampleAssetId, powerW: '8000' }],
    },
  }),
  commitTestTelemetry: submitSpec(contract, 'commitTestTelemetry', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...named, slot: slotCodec, commitment: digestCodec }),
    response: testTelemetryCodec,
    errors: [
      ...signatureErrors,
      'VPP_OFF',
      'VPP_TEST_UNKNOWN',
      'VPP_TEST_NOT_OWN',
      'VPP_TEST_BY_METERS',
      'VPP_TELEMETRY_SLOT',
      'VPP_TELEMETRY_EARLY',
      'VPP_TELEMETRY_LATE',
      'VPP_TELEMETRY_EXISTS',
    ],
    facts: ['TestTelemetryCommitted'],
    summary: 'Commits the minutes of a test in a slot by their digest, before the next slot has ended.',
    example: { ...signedExample, ...namedSlotExample, commitment: 'A'.repeat(43) },
  }),
  openTestTelemetry: privateSubmitSpec(contract, 'openTestTelemetry', {
    roles: ['aggregator'],
    request: object({ ...commandFields, ...named, slot: slotCodec }),
    transient: { key: 'telemetry', codec: openedMinutesCodec },
    collection: 'orders',
    response: testTelemetryCodec,
    errors: ['VPP_OFF', 'VPP_TEST_UNKNOWN', 'VPP_TELEMETRY_EXISTS', 'VPP_TELEMETRY_UNKNOWN', 'VPP_TELEMETRY_MISMATCH'],
    facts: ['TestTelemetryOpened'],
    summary: 'Opens the committed minutes of a test under seal, before it is judged.',
    example: { commandId: exampleCommandId, ...namedSlotExample },
  }),
  stateTestSignal: submitSpec(contract, 'stateTestSignal', {
    roles: ['tso', 'dso', 'market'],
    request: object({ ...commandFields, ...named, slot: slotCodec, ...testSignalFields }),
    response: testSignalCodec,
    errors: [
      'VPP_OFF',
      'VPP_TEST_UNKNOWN',
      'VPP_TEST_NOT_OWN',
      'VPP_TEST_BY_METERS',
      'VPP_TEST_SIGNAL',
      'VPP_TELEMETRY_SLOT',
      'VPP_TELEMETRY_EARLY',
      'VPP_TELEMETRY_LATE',
      'VPP_SIGNAL_EXISTS',
    ],
    facts: ['TestSignalStated'],
    summary:
      'States what a test had to follow in each minute of a slot: powers, or for FCR the deviation of the frequency shown.',
    example: {
      commandId: exampleCommandId,
      ...namedSlotExample,
      deviationsMilliHertz: Array.from({ length: 15 }, () => 200),
    },
  }),
  completeTest: submitSpec(contract, 'completeTest', {
    roles: ['aggregator', 'tso', 'dso', 'market'],
    request: object({ ...commandFields, ...named }),
    response: prequalificationCodec,
    collection: 'orders',
    errors: ['VPP_OFF', 'VPP_TEST_UNKNOWN', 'VPP_TEST_NOT_OVER'],
    facts: ['TestCompleted', 'DeliverySampled'],
    summary:
      'Judges a test activation by the meters, or by telemetry where that settles the service: prequalified, or failed.',
    example: { commandId: exampleCommandId, ...namedExample },
  }),
  getTestTelemetry: evaluateSpec(contract, 'getTestTelemetry', {
    roles: 'anyone',
    request: object({ testId: testIdCodec, slot: slotCodec }),
    response: object({ telemetry: nullable(testTelemetryCodec), signal: nullable(testSignalCodec) }),
    errors: [],
    summary: 'Answers what is known of a test in a slot: its telemetry and what it had to follow.',
    example: { testId: exampleTestId, slot: namedSlotExample.slot },
  }),
  getPrequalification: evaluateSpec(contract, 'getPrequalification', {
    roles: 'anyone',
    request: object({ ...named }),
    response: object({ prequalification: nullable(prequalificationCodec) }),
    errors: [],
    summary:
      'The prequalification of an asset, or of the pool of an aggregator, for a kind of service and a direction; or null.',
    example: namedExample,
  }),
  listPrequalifications: evaluateSpec(contract, 'listPrequalifications', {
    roles: 'anyone',
    request: object({ subjectId: assetIdCodec, ...pageFields }),
    response: listAnswer(prequalificationCodec),
    errors: [],
    summary: 'The prequalifications of an asset, or of the pool of an aggregator, by kind of service and direction.',
    example: { subjectId: exampleAssetId },
  }),
} as const;
