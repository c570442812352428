import { array, nullable, object } from '../../decode';
import { assetIdCodec } from '../../ids';
import { limits } from '../../limits';
import { assetBandsCodec, deliverySamplesCodec } from '../../vpp/band/rows';
import { commandFields, countAnswerCodec, listAnswer, pageFields } from '../common';
import { exampleAssetId, exampleCommandId, exampleDigest, exampleParticipantId } from '../examples';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { vppContract as contract } from './common';

/** The transactions of the contract `vpp` about flexibility bands. */
export const vppBandTransactions = {
  fileBands: submitSpec(contract, 'fileBands', {
    roles: ['oracle'],
    request: object({ ...commandFields, filed: array(assetBandsCodec, limits.bandsPerCallMax, 1) }),
    response: countAnswerCodec,
    errors: [
      'VPP_OFF',
      'VPP_NAMED_TWICE',
      'VPP_DATA_UNKNOWN',
      'VPP_BANDS_OUTDATED',
      'VPP_BAND_MISMATCH',
      'ORACLE_NOT_APPROVED',
    ],
    facts: ['BandsFiled'],
    summary: 'Files the bands of assets, which the contract works out again from technical data and deliveries.',
    example: {
      commandId: exampleCommandId,
      filed: [
        {
          assetId: exampleAssetId,
          participantId: exampleParticipantId,
          dataVersion: 1,
          samplesDigest: exampleDigest,
          bands: [
            {
              assetId: exampleAssetId,
              direction: 'up',
              maxW: '10000',
              onLevelMinW: '0',
              activationSeconds: 75,
              dispatchSlotsMax: 8,
              restSlots: 2,
              energyWh: '10450',
              firmPpm: '980000',
              priceMicroPerKwh: '50000',
              keepMicroPerKwh: '4000',
              startCostMicro: '0',
            },
          ],
        },
      ],
    },
  }),
  getBands: evaluateSpec(contract, 'getBands', {
    roles: 'anyone',
    request: object({ assetId: assetIdCodec }),
    response: object({ bands: nullable(assetBandsCodec) }),
    errors: [],
    summary: 'The bands of an asset as they were filed last, or null.',
    example: { assetId: exampleAssetId },
  }),
  listBands: evaluateSpec(contract, 'listBands', {
    roles: 'anyone',
    request: object({ ...pageFields }),
    response: listAnswer(assetBandsCodec),
    errors: [],
    summary: 'The filed bands by asset, at most 100 at once.',
    example: {},
  }),
  getDeliverySamples: evaluateSpec(contract, 'getDeliverySamples', {
    roles: 'anyone',
    request: object({ assetId: assetIdCodec }),
    response: deliverySamplesCodec,
    errors: [],
    summary: 'What was asked of an asset last and what it delivered: what its bands take its reliability from.',
    example: { assetId: exampleAssetId },
  }),
} as const;
