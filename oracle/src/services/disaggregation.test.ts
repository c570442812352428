import {
  decodeWhole,
  disaggregationCaseCodec,
  disaggregationDigest,
  disaggregationRequestCodec,
  disaggregationAnswerCodec,
  joinedPieces,
  ppm,
  prepareCase,
  proveAnswer,
  type DisaggregationRequest,
  type JsonObject,
} from '@flexledger/domain';
import { Solver } from '@flexledger/solver';
import { answerDisaggregation } from '../answer-disaggregation';
import type { DisaggregationAnswerRequest, DisaggregationLedger } from '../ports';
import { ServiceCatalogue } from '../service';
import { disaggregation } from './disaggregation';

const solver = new Solver({ timeMsMax: 20_000, memoryBytesMax: 256 * 1_048_576 });
const services = new ServiceCatalogue([disaggregation(solver)]);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

afterAll(() => solver.close());

const asset = (assetId: string, maxWh: number, price: number): JsonObject => ({
  assetId,
  participantId: assetId,
  reduce: { minWh: '0', maxWh: String(maxWh), priceMicroPerKwh: String(price) },
  noticeSlots: 0,
  runSlotsMax: 2,
  restSlots: 4,
  callsMax: 1,
  callCostMicro: '20000',
  rebound: [{ afterSlots: 1, sharePpm: '200000' }],
  earlierWh: '0',
});

/** Two slots in which the cheap boiler alone does not suffice. */
const asked = decodeWhole(disaggregationCaseCodec, {
  firstSlot: 100,
  noticeSlot: 96,
  slots: [
    { direction: 'reduce', requestedWh: '900' },
    { direction: 'reduce', requestedWh: '900' },
  ],
  assets: [asset('boiler', 800, 100_000), asset('battery', 700, 150_000), asset('car', 700, 140_000)],
  comfort: [],
  shortfallMicroPerKwh: '900000',
  fairnessMicroPerKwh: '0',
});
const orderId = '01f0rder00000000000000000a';

function requestOf(changes: JsonObject = {}): DisaggregationRequest {
  return decodeWhole(disaggregationRequestCodec, {
    orderId,
    revision: 1,
    service: 'disaggregation',
    version: '1',
    aggregatorId: '01part1c1pant0000000000000',
    programmeIds: ['01pr0gramme000000000000000'],
    dataDigest: disaggregationDigest(asked),
    gapPpmMax: '0',
    expirySlot: 96,
    state: 'OPEN',
    fallback: 'merit-order',
    ...changes,
  });
}

/** A ledger with one request, which keeps what it is sent. */
function ledgerWith(request: DisaggregationRequest, sent: DisaggregationAnswerRequest[]): DisaggregationLedger {
  return {
    mspId: 'DsoMSP',
    getDisaggregation: async () => ({ request, asked }),
    openDisaggregations: async () => [request],
    answerDisaggregation: async (chunk) => void sent.push(chunk),
  };
}

describe('the service disaggregation', () => {
  it('sends an answer that the contract can prove, and the same one again', async () => {
    const sent: DisaggregationAnswerRequest[] = [];
    const ledger = ledgerWith(requestOf(), sent);
    const { orderId: id, revision } = requestOf();
    const place = { orderId: id, revision };
    expect(await answerDisaggregation({ ledger, services }, silent, place)).toMatchObject({
      kind: 'answered',
      chunks: 1,
    });
    await answerDisaggregation({ ledger, services }, silent, place);
    const [first, second] = sent;
    expect(second).toEqual(first);
    const answer = joinedPieces(disaggregationAnswerCodec, new Map([[0, first!.piece]]), first!.answerDigest);
    expect(proveAnswer(prepareCase(asked), answer, 0n).gapPpm).toBe(0n);
    // The boiler gives 800 Wh, of which 160 come back in the second slot; a car that is called once fills up.
    expect(answer.plans.map(({ assetId }) => assetId)).toEqual(['boiler', 'car']);
  });

  it('leaves a case that is not the frozen one, and a request that is planned', async () => {
    const { orderId: id, revision } = requestOf();
    const run = (changes: JsonObject) =>
      answerDisaggregation({ ledger: ledgerWith(requestOf(changes), []), services }, silent, { orderId: id, revision });
    expect(await run({ dataDigest: 'A'.repeat(43) })).toMatchObject({ kind: 'refused', code: 'ORACLE_INPUTS_DIFFER' });
    expect(await run({ state: 'PLANNED' })).toEqual({ kind: 'closed', state: 'PLANNED' });
  });

  it('sends nothing where the agreed gap is not reached in time', async () => {
    const late = disaggregation(solver, () => performance.now(), 0);
    const input = { asked, gapPpmMax: ppm(0n) };
    const worse = await late.run(input);
    expect(() => late.certificate(input, worse)).toThrow('ppm above its bound');
  });
});
