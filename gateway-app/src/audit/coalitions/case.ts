import {
  assetBandsCodec,
  assetMandatesCodec,
  bandDirectionsOf,
  caseSpan,
  coalitionCaseOf,
  commitmentDayCodec,
  daysOf,
  deliverySamplesCodec,
  least,
  mandatedAssetCodec,
  prequalificationCodec,
  rowCodec,
  serviceProductCodec,
  serviceRequestCodec,
  slotText,
  technicalDataCodec,
  testedPowerW,
  vppMandateCodec,
  type AssetId,
  type CoalitionAssetKnown,
  type CoalitionCase,
  type CoalitionRequest,
  type CoalitionRequestKnown,
  type Slot,
} from '@flexledger/domain';
import type { LedgerTimes } from '../flexibility/rows';
import type { AuditRows } from '../fold';
import type { Place } from '../place';
import { ROW_TYPES } from '../row-types';
import { StoodRows } from '../stood-rows';

/** What somebody has asked a choice of coalitions for. */
export type CaseAsked = Pick<CoalitionRequest, 'aggregatorId' | 'requestIds'> & Pick<CoalitionCase, 'groups'>;

/**
 * The case that the rows of a ledger made when somebody asked for it, by the rule of the contract.
 *
 * @throws where a row is missing that it was made from
 */
export function caseAgain(rows: AuditRows, times: LedgerTimes, asked: CaseAsked, place: Place): CoalitionCase {
  const { aggregatorId, groups, requestIds } = asked;
  const rules = times.rulesAt(place)?.vpp;
  if (rules === undefined) {
    throw new RangeError('no rules of virtual power plants were in force');
  }
  const stood = new StoodRows(rows, place);
  const requests = requestIds.map((requestId): CoalitionRequestKnown => {
    const request = stood.need(rowCodec(serviceRequestCodec), ROW_TYPES.serviceRequest, requestId);
    const version = String(request.serviceVersion).padStart(4, '0');
    return {
      request,
      product: stood.need(rowCodec(serviceProductCodec), ROW_TYPES.serviceVersion, request.serviceId, version),
    };
  });
  const { firstSlot, stepSlots, steps } = caseSpan(requests.map(({ request }) => request));
  const days = daysOf({ firstSlot, intervalSlots: stepSlots, intervals: steps });
  const mandated = rows
    .rows(ROW_TYPES.mandatedAsset)
    .filter(({ parts: [owner] }) => owner === aggregatorId)
    .flatMap((row) => stood.get(rowCodec(mandatedAssetCodec), ROW_TYPES.mandatedAsset, ...row.parts) ?? []);
  const assets = mandated.flatMap(({ assetId }) => assetAgain(stood, asked, assetId, { days, requests }) ?? []);
  return coalitionCaseOf({
    aggregatorId,
    requests,
    assets,
    groups,
    weights: rules.weights,
    samplesMin: rules.samplesMin,
  });
}

interface Wanted {
  readonly days: readonly Slot[];
  readonly requests: readonly CoalitionRequestKnown[];
}

/** What was known of an asset; undefined where nobody had filed its data or its bands. */
function assetAgain(
  stood: StoodRows,
  { aggregatorId }: CaseAsked,
  assetId: AssetId,
  { days, requests }: Wanted,
): CoalitionAssetKnown | undefined {
  const data = stood.get(rowCodec(technicalDataCodec), ROW_TYPES.technicalData, assetId);
  const bands = stood.get(rowCodec(assetBandsCodec), ROW_TYPES.assetBands, assetId);
  if (data === undefined || bands?.dataVersion !== data.version) {
    return undefined;
  }
  const mandates = stood.get(rowCodec(assetMandatesCodec), ROW_TYPES.assetMandates, assetId)?.mandates ?? [];
  const qualified = requests.flatMap(({ product, request }) => {
    const testedW = product.prequalification ? testedAgain(stood, aggregatorId, assetId, request) : undefined;
    return !product.prequalification || testedW !== undefined ? [[request.requestId, testedW] as const] : [];
  });
  return {
    data,
    bands,
    mandates: mandates.flatMap(
      ({ mandateId }) => stood.get(rowCodec(vppMandateCodec), ROW_TYPES.mandate, mandateId) ?? [],
    ),
    book: days.flatMap(
      (day) =>
        stood.get(rowCodec(commitmentDayCodec), ROW_TYPES.commitmentDay, assetId, slotText(day))?.commitments ?? [],
    ),
    samples: stood.get(rowCodec(deliverySamplesCodec), ROW_TYPES.deliverySamples, assetId)?.samples ?? [],
    qualifiedFor: new Map<string, bigint | undefined>(qualified),
  };
}

/** How much an asset had been tested with in every direction of a request, alone or in its pool; undefined where it had not passed in one. */
function testedAgain(
  stood: StoodRows,
  aggregatorId: string,
  assetId: AssetId,
  { direction, kind }: CoalitionRequestKnown['request'],
): bigint | undefined {
  const tested = bandDirectionsOf(direction).map((each) => {
    const of = (subject: string) =>
      stood.get(rowCodec(prequalificationCodec), ROW_TYPES.prequalification, subject, `${kind}.${each}`);
    return testedPowerW(assetId, of(assetId), of(aggregatorId));
  });
  const passed = tested.filter((powerW) => powerW !== undefined);
  return passed.length < tested.length ? undefined : passed.reduce((lowest, powerW) => least(lowest, powerW));
}
