import {
  acceptAmendment,
  addSlots,
  cloneOf,
  slot,
  toBase64Url,
  wh,
  type Amendment,
  type AmendmentCause,
  type Clone,
  type Purge,
  type Reading,
} from '@flexledger/domain';
import type { KeyWrite, ParsedTransaction, ReadWriteSet } from '@flexledger/fabric-model';
import { FindingList } from '../audit-finding';
import { auditEvidence } from './evidence';
import { LedgerFold } from '../fold';
import { MeterAudit } from '../meters/meter-audit';
import {
  amendmentWrite,
  cloneWrite,
  METERED_CHANNEL,
  MeteredMeter,
  meteringWrites,
  purgeWrite,
} from '../testing/metered-ledger';

const HOURS = 3;
const meter = new MeteredMeter('a', HOURS);
const stranger = new MeteredMeter('a', HOURS);
const { meterId } = meter;
const readings = meter.blocks.map(({ reading }) => reading);
const [first, second] = readings as [Reading, Reading];
const bad: Reading = { ...second, quality: second.quality.map(() => 'BAD' as const) };

/** The chain of the meter, then one transaction for each set of writes. */
function ledger(...later: readonly (readonly KeyWrite[])[]): ReadWriteSet[] {
  return [
    meteringWrites({ writes: [meter.registration] }),
    ...meter.blocks.map((block) => meteringWrites({ blocks: [block] })),
    ...later.map((writes) => meteringWrites({ writes })),
  ];
}

/** What is wrong with what stands beside the chains, and what the chains' own audit says of the same ledger. */
async function audited(sets: readonly ReadWriteSet[]) {
  const fold = new LedgerFold('flexledger');
  const findings = new FindingList();
  const chains = new MeterAudit({ chaincode: 'flexledger', channel: () => METERED_CHANNEL, findings });
  for (const [block, readWriteSet] of sets.entries()) {
    const transactionId = `t${block}`;
    fold.apply({ readWriteSet, transactionId } as ParsedTransaction, block, 0);
    await chains.feed({ readWriteSet }, { block, transaction: 0, transactionId });
  }
  await chains.finish();
  return { ...auditEvidence(fold, METERED_CHANNEL), chains: findings.all, blocks: chains.summary.blocks };
}

function amended(cause: AmendmentCause, known: readonly Reading[], earlier: readonly Amendment[] = []): Amendment {
  const asked = { meterId, fromSlot: addSlots(second.startSlot, 1), reason: 'Read at the meter' };
  const totals = [{ importWh: wh(7n), exportWh: wh(0n) }];
  const context = { firstSlot: first.startSlot, readings: known, amendments: earlier, hasEnded: true, mspId: 'DsoMSP' };
  return acceptAmendment({ ...asked, totals }, cause, context);
}

describe('new versions of totals', () => {
  const one = amended('correction', readings);
  const two = amended('correction', readings, [one]);
  const totals = [...one.totals, ...one.totals];
  const wide = { ...one, fromSlot: second.startSlot, totals, supersedes: [true, true] };

  test('are counted, and are no missing and no doubled readings', async () => {
    expect([one.version, two.version]).toEqual([1, 2]);
    const result = await audited(ledger([amendmentWrite(one)], [amendmentWrite(two)]));
    expect(result).toMatchObject({ id: 'I20', holds: true, checked: 2, chains: [], blocks: HOURS });
    expect(result.detail).toBe('2 new versions of totals, clones and purges');
  });

  test('of what is missing or bad may be substituted, and come late behind the chain', async () => {
    const late = amended('late', []);
    const writes = [
      meteringWrites({ writes: [meter.registration] }),
      meteringWrites({ writes: [amendmentWrite(late)] }),
    ];
    expect(await audited(writes)).toMatchObject({ holds: true, checked: 1 });
  });

  test.each<[string, readonly Amendment[]]>([
    ['the second without the first', [two]],
    ['the second before the first', [two, one]],
    ['another version that overlaps under the same number', [one, wide]],
    ['one that says that no block was there', [{ ...one, supersedes: [false] }]],
    ['a substitution of a good reading', [amended('substitution', [bad])]],
    ['a correction that is called an estimate', [{ ...one, quality: 'ESTIMATED' }]],
    ['a correction of what nobody has measured', [{ ...one, fromSlot: addSlots(second.startSlot, 40) }]],
    ['one before the meter was in use', [{ ...one, cause: 'late', fromSlot: slot(first.startSlot - 1) }]],
    ['the same row twice', [one, one]],
  ])('are found with %s', async (_what, amendments) => {
    const result = await audited(ledger(...amendments.map((amendment) => [amendmentWrite(amendment)])));
    expect(result.holds).toBe(false);
    expect(result.detail).toContain(`amendment/${meterId}/`);
    expect(result.chains).toEqual([]);
  });
});

describe('a clone', () => {
  const other = meter.other(1).reading;
  const clone = cloneOf(second, other);
  const frozen = meter.registrationAs('FROZEN');

  test('holds with two signatures of the meter, which is frozen, and is no reading that is missing or doubled', async () => {
    const result = await audited(ledger([cloneWrite(clone), frozen]));
    expect(result).toMatchObject({ holds: true, checked: 1, chains: [], blocks: HOURS });
  });

  test('may be of a block that the same transaction has recorded', async () => {
    const last = meter.blocks[2]!;
    const writes = [cloneWrite(cloneOf(last.reading, meter.other(2).reading)), frozen];
    const sets = [...ledger().slice(0, HOURS), meteringWrites({ writes, blocks: [last] })];
    expect(await audited(sets)).toMatchObject({ holds: true, checked: 1, chains: [] });
  });

  const forged = stranger.other(1).reading;
  test.each<[string, Clone, string]>([
    ['its second block was signed by another key', cloneOf(second, forged), 'no key of its meter has signed'],
    [
      'a signature is that of another block',
      { ...clone, other: { ...clone.other, signature: first.signature } },
      'no key',
    ],
    ['its blocks have another number', { ...clone, sequence: 3 }, 'signed under number 3'],
    ['both are one block', cloneOf(second, second), 'names one block twice'],
    ['neither stands in the chain', cloneOf(other, second), 'that is not in the chain'],
    ['its signed part cannot be read', withSigned(clone, Buffer.of(1, 2)), 'no key of its meter has signed'],
    ['its link is that of another block', { ...clone, other: { ...clone.other, link: first.link } }, 'no key'],
  ])('is found where %s', async (_what, wrong, expected) => {
    const { detail, holds } = await audited(ledger([cloneWrite(wrong), frozen]));
    expect(holds).toBe(false);
    expect(detail).toContain(expected);
  });

  test.each([
    ['stays in service', [[cloneWrite(clone)]]],
    ['is frozen only later', [[cloneWrite(clone)], [frozen]]],
  ])('is found where its meter %s', async (_what, later) => {
    expect((await audited(ledger(...later))).detail).toContain('has not frozen its meter');
  });
});

describe('a purge', () => {
  const purge: Purge = { meterId, fromSlot: first.startSlot, toSlot: second.startSlot, cause: 'request', blocks: 2 };

  test('holds with as many blocks as began in its slots', async () => {
    expect(await audited(ledger([purgeWrite(purge)]))).toMatchObject({ holds: true, checked: 1, chains: [] });
  });

  test.each<[string, Partial<Purge>]>([
    ['another number of blocks', { blocks: 3 }],
    ['nothing to purge', { fromSlot: slot(second.startSlot + 40), toSlot: slot(second.startSlot + 41), blocks: 0 }],
    ['more slots than it may have', { toSlot: slot(first.startSlot + 4_000), blocks: 3 }],
  ])('is found with %s', async (_what, changes) => {
    const { detail, holds } = await audited(ledger([purgeWrite({ ...purge, ...changes })]));
    expect(holds).toBe(false);
    expect(detail).toContain(`purge/${meterId}/`);
  });
});

function withSigned(clone: Clone, bytes: Uint8Array): Clone {
  return { ...clone, other: { ...clone.other, signed: toBase64Url(bytes) } };
}
