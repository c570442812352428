import {
  computationCodec,
  decodeWhole,
  feedBytes,
  feedCodec,
  feedDigestOf,
  feedHeadCodec,
  feedPublicationCodec,
  feedSeriesCodec,
  rowCodec,
  slot,
  type Computation,
  type JsonObject,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { decodeRows, type DecodedRow } from '../decoded-rows';
import { checkFeeds } from './feeds';
import { Findings } from '../findings';
import { ROW_TYPES } from '../row-types';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from '../testing/sample-ledger';

const feedId = 'temperature';

/** A feed whose key was replaced after its first publication, and a request that has used the second one. */
function ledger(): MemoryRows {
  const rows = sampleLedger();
  const keys = [SigningKey.generate(), SigningKey.generate()];
  const feed = decodeWhole(feedCodec, {
    feedId,
    kind: 'weather',
    unit: 'milli-celsius',
    stepSlots: 4,
    validSlots: 8,
    title: 'Temperature',
    mspId: 'DsoMSP',
    keys: keys.map(({ publicKey }, index) => ({ publicKey, fromSequence: index + 1 })),
    state: 'ACTIVE',
  });
  rows.put(rowCodec(feedCodec), feed, ROW_TYPES.feed, feedId);
  keys.forEach((key, index) => {
    const sequence = index + 1;
    const fields = { feedId, unit: 'milli-celsius', stepSlots: 4, firstSlot: 9_696, values: ['-5'], issuedSlot: 9_690 };
    const series = decodeWhole(feedSeriesCodec, { ...fields, sequence });
    const signature = key.sign(feedBytes(SAMPLE_CHANNEL, series));
    const publication = { ...series, digest: feedDigestOf(series), signature };
    rows.put(rowCodec(feedPublicationCodec), publication, ROW_TYPES.feedPublication, feedId, `000000000${sequence}`);
    rows.put(rowCodec(feedHeadCodec), { sequence, issuedSlot: slot(9_690) }, ROW_TYPES.feedHead, feedId);
  });
  const digest = (rows.row(ROW_TYPES.feedPublication, feedId, '0000000002')?.value as JsonObject).digest ?? null;
  const feeds = [{ feedId, state: 'USED', publication: { sequence: 2, digest } }];
  rows.tamper(ROW_TYPES.computation, 0, (row) => ({ ...row, feeds }));
  return rows;
}

function holds(rows: MemoryRows, channel = SAMPLE_CHANNEL): readonly [boolean, number] {
  const findings = new Findings('I10', 'feeds');
  const requests: readonly DecodedRow<Computation>[] = decodeRows(
    rows,
    ROW_TYPES.computation,
    rowCodec(computationCodec),
    findings,
  );
  checkFeeds(rows, channel, requests, findings);
  const result = findings.result();
  return [result.holds, result.checked];
}

describe('the audit of signals from outside', () => {
  it('finds nothing where they are signed by the keys that their feed had then', () => {
    expect(holds(ledger())).toEqual([true, 3]);
  });

  it.each<[string, (rows: MemoryRows) => void]>([
    ['a value is changed', (rows) => rows.tamper(ROW_TYPES.feedPublication, 0, (row) => ({ ...row, values: ['5'] }))],
    [
      'a digest is changed',
      (rows) => rows.tamper(ROW_TYPES.feedPublication, 1, (row) => ({ ...row, digest: 'A'.repeat(43) })),
    ],
    ['a publication disappears', (rows) => rows.remove(ROW_TYPES.feedPublication, 0)],
    ['a publication is written twice', (rows) => rows.rewrite(ROW_TYPES.feedPublication, 0)],
    ['a feed disappears', (rows) => rows.remove(ROW_TYPES.feed, 0)],
    ['a feed says another unit', (rows) => rows.tamper(ROW_TYPES.feed, 0, (row) => ({ ...row, unit: 'ppm' }))],
    [
      'the first key was never there',
      (rows) => rows.tamper(ROW_TYPES.feed, 0, (row) => ({ ...row, keys: (row.keys as []).slice(1) })),
    ],
    ['the head is behind', (rows) => rows.tamper(ROW_TYPES.feedHead, 0, (row) => ({ ...row, sequence: 1 }))],
    ['the head disappears', (rows) => rows.remove(ROW_TYPES.feedHead, 0)],
    [
      'a computation says that it has used what nobody published',
      (rows) => rows.tamper(ROW_TYPES.computation, 0, (row) => ({ ...row, feeds: [{ feedId, state: 'USED' }] })),
    ],
  ])('notices where %s', (_what, forge) => {
    const rows = ledger();
    forge(rows);
    expect(holds(rows)[0]).toBe(false);
  });

  it('notices what was signed for another channel', () => {
    expect(holds(ledger(), 'another')[0]).toBe(false);
  });
});
