import {
  clearingChunkCodec,
  move,
  postingSetCodec,
  postingSetId,
  rentWeightsCodec,
  rowCodec,
  shareRent,
  sum,
  wh,
  type JsonObject,
  type JsonValue,
  type ParticipantId,
  type PostingSet,
  type SessionId,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { auditRows } from '../audit';
import { ROW_TYPES } from '../row-types';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from '../testing/sample-ledger';

type Share = 'equal' | 'traded' | 'consumed';

/** What each participant of the sample's session counts by a rule, worked out from the raw rows. */
function weightsBy(rows: MemoryRows, share: Share): readonly (readonly [ParticipantId, bigint])[] {
  const { participants } = rowCodec(clearingChunkCodec).decode(
    rows.rows(ROW_TYPES.clearingChunk)[0]?.value as JsonObject,
  );
  const lines = rows
    .rows(ROW_TYPES.posting)
    .flatMap(({ value }) => ((value as JsonObject).lines ?? []) as readonly JsonObject[]);
  return participants.map(({ fills, participantId }) => {
    const imports = lines.filter((line) => line.participantId === participantId);
    const weights = {
      equal: 1n,
      traded: sum(fills.map(({ energyWh }) => energyWh)),
      consumed: sum(imports.map(({ importWh }) => BigInt(String(importWh)))),
    };
    return [participantId, weights[share]];
  });
}

/** A rent of 10 that the rule set of the sample's session gives back, by weights that may be changed before anybody is paid. */
function ledgerWithRent(share: Share, change: (weights: bigint[]) => bigint[] = (weights) => weights): MemoryRows {
  const rows = sampleLedger();
  const sessionId = (rows.rows(ROW_TYPES.session)[0]?.parts[0] ?? '') as SessionId;
  const due = weightsBy(rows, share);
  const weighed = change(due.map(([, weight]) => weight));
  const weights = due.map(([participantId], index) => ({ participantId, weightWh: wh(weighed[index] ?? 0n) }));
  const row = { sessionId, bucket: 0, weights };
  rows.put(rowCodec(rentWeightsCodec), row, ROW_TYPES.rentWeights, sessionId, '0000');
  rows.tamper(ROW_TYPES.session, 0, (session) => {
    return { ...session, ruleSet: { ...(session.ruleSet as JsonObject), rentShare: share } };
  });
  // Buyers pay 10 more than sellers get: what the sample's one rounding does not leave.
  rows.tamper(ROW_TYPES.clearing, 0, (clearing) => ({
    ...clearing,
    rentMicro: '10',
    buyMicro: String(BigInt(String(clearing.buyMicro)) + 10n),
  }));
  const fund: PostingSet = {
    cause: { kind: 'fund', commandId: sessionId as never },
    entries: move('bank', 'rent', 10n, 'fund'),
  };
  for (const set of [fund, shareRent(10n, [row], 0)]) {
    rows.put(rowCodec(postingSetCodec), set, ROW_TYPES.posting, postingSetId(set.cause));
  }
  return rows;
}

/** The ids of the invariants that do not hold. */
function broken(rows: MemoryRows): readonly string[] {
  return auditRows(rows, SAMPLE_CHANNEL)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

/** Changes the first weight of the row. */
function withFirstWeight(weightWh: string): (row: JsonObject) => JsonValue {
  return (row) => {
    const [first = {}, ...rest] = row.weights as readonly JsonObject[];
    return { ...row, weights: [{ ...first, weightWh }, ...rest] };
  };
}

describe('the audit of rent that goes back to members', () => {
  it.each<Share>(['equal', 'traded', 'consumed'])('holds where it went back by the rule (%s)', (share) => {
    const rows = ledgerWithRent(share);
    expect(weightsBy(rows, share).length).toBeGreaterThan(1);
    expect(broken(rows)).toEqual([]);
  });

  it('notices that it went back by other weights than were recorded', () => {
    const rows = ledgerWithRent('equal');
    rows.tamper(ROW_TYPES.rentWeights, 0, withFirstWeight('7'));
    expect(broken(rows)).toEqual(['I2']);
  });

  it.each<Share>(['equal', 'traded', 'consumed'])(
    'notices that the recorded weights are not those of the rule, although the rent went back by them (%s)',
    (share) => {
      expect(broken(ledgerWithRent(share, ([first = 0n, ...rest]) => [first + 1n, ...rest]))).toEqual(['I2']);
    },
  );

  it('notices that a member is left out of its bucket', () => {
    const rows = ledgerWithRent('equal', (weights) => weights);
    rows.tamper(ROW_TYPES.rentWeights, 0, (row) => {
      return { ...row, weights: (row.weights as readonly JsonValue[]).slice(1) };
    });
    expect(broken(rows)).toEqual(['I2']);
  });

  it.each([
    ['prosumer', []],
    ['supplier', ['I2']],
  ])('lets a prosumer have a part, and no supplier (%s)', (kind, expected) => {
    const rows = ledgerWithRent('equal');
    const [participantId = ''] = weightsBy(rows, 'equal')[0] ?? [];
    const { publicKey } = SigningKey.generate();
    const registered = { participantId, publicKey, kind, custodial: false, mspId: 'MarketMSP', state: 'ACTIVE' };
    const raw = { decode: (row: JsonObject) => row, encode: (row: JsonObject) => row };
    rows.put(raw, { v: 1, connectionLimitW: '1000', ...registered }, ROW_TYPES.participant, participantId);
    expect(broken(rows)).toEqual(expected);
  });

  it('notices that weights stand under another bucket', () => {
    const rows = ledgerWithRent('equal');
    const sessionId = rows.rows(ROW_TYPES.session)[0]?.parts[0] ?? '';
    rows.copy(ROW_TYPES.rentWeights, 0, (row) => row, sessionId, '0001');
    expect(broken(rows)).toEqual(['I2']);
  });
});
