import { object } from '../../decode';
import { reportHeadCodec, siteReportCodec } from '../../flexibility/report/rows';
import { meterIdCodec } from '../../ids';
import { slotCodec } from '../../time';
import { commandFields } from '../common';
import { exampleCommandId, exampleMeterId } from '../examples';
import { evaluateSpec, privateSubmitSpec } from '../transaction-spec';

const contract = 'flexibility';
const reportFields = { meterId: meterIdCodec, startSlot: slotCodec };
const reportExample = { meterId: exampleMeterId, startSlot: 1_626_044 };

/** The transactions of the contract `flexibility` about what meters' agents report from the site. */
export const reportTransactions = {
  fileSiteReport: privateSubmitSpec(contract, 'fileSiteReport', {
    roles: ['community'],
    request: object({ ...commandFields, ...reportFields }),
    transient: { key: 'report', codec: siteReportCodec },
    collection: 'profiles',
    response: reportHeadCodec,
    errors: ['SIGNATURE_INVALID', 'METER_UNKNOWN', 'FLEX_ASSET_NOT_OWN', 'FLEX_REPORT_SHAPE', 'FLEX_REPORT_EXISTS'],
    facts: ['SiteReported'],
    summary: "Files what a meter's agent tells of devices and temperatures, signed by the key of the meter.",
    example: { commandId: exampleCommandId, ...reportExample },
  }),
  getSiteReport: evaluateSpec(contract, 'getSiteReport', {
    roles: ['community', 'dso', 'regulator', 'tso'],
    collection: 'profiles',
    request: object(reportFields),
    response: siteReportCodec,
    errors: ['FLEX_REPORT_UNKNOWN'],
    summary: "Answers a report of a meter's agent; only members of the collection can.",
    example: reportExample,
  }),
} as const;
