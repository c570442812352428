import {
  assetCodec,
  exampleAsset,
  exampleMeter,
  keyChangeCodec,
  keyChangeDigest,
  meterCodec,
  rotationCommand,
  rowCodec,
  signedCommandBytes,
  type CommandId,
  type JsonObject,
  type KeyChange,
  type Meter,
  type MeterId,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { auditDevices } from './devices';
import { ROW_TYPES } from '../row-types';
import type { MemoryRows } from '../testing/memory-rows';
import { MemoryRows as Rows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from '../testing/sample-ledger';

const meterId = exampleMeter.meterId as MeterId;
const oldKey = SigningKey.generate();
const newKey = SigningKey.generate();

function meter(status: Meter['status'], changes: JsonObject = {}): Meter {
  const { publicKey: _key, ...entry } = exampleMeter;
  const keys = [{ version: 1, publicKey: oldKey.publicKey, firstSequence: 1 }];
  return meterCodec.decode({ ...entry, keys, status, ...changes }, '');
}

function ledgerOf(...stages: readonly Meter[]): MemoryRows {
  const rows = new Rows();
  for (const stage of stages) {
    rows.put(rowCodec(meterCodec), stage, ROW_TYPES.meter, meterId);
  }
  return rows;
}

const found = (rows: MemoryRows) => {
  const { holds, detail } = auditDevices(rows, SAMPLE_CHANNEL);
  return holds ? 'holds' : detail;
};

describe('the lives of devices', () => {
  test('hold on a ledger that the rules have made', () => {
    const rows = sampleLedger();
    expect(auditDevices(rows, SAMPLE_CHANNEL)).toMatchObject({ id: 'I19', holds: true, checked: 6 });
    expect(found(ledgerOf(meter('REGISTERED'), meter('COMMISSIONED'), meter('FROZEN'), meter('RETIRED')))).toBe(
      'holds',
    );
  });

  test('name a block that was recorded while its meter was not in service', () => {
    const rows = sampleLedger();
    const [block] = rows.rows(ROW_TYPES.block);
    const [first] = rows.rows(ROW_TYPES.meter);
    const frozen = { ...meterCodec.decode(withoutFormat(first?.value as JsonObject), ''), status: 'FROZEN' } as const;
    rows.put(rowCodec(meterCodec), frozen, ROW_TYPES.meter, ...(first?.parts ?? []));
    expect(found(rows)).toBe('holds');
    rows.copyPacked(ROW_TYPES.block, 0, (bytes) => bytes, block?.parts[0] ?? '', '00009800');
    expect(found(rows)).toBe(`block/${block?.parts[0]}/00009800 was recorded while its meter was FROZEN`);
    rows.remove(ROW_TYPES.meter, 0);
    expect(found(rows)).toContain('was recorded while its meter was not registered');
  });

  test.each([
    ['a meter begins in service', [meter('COMMISSIONED')], 'began as COMMISSIONED'],
    ['a retired meter comes back', [meter('REGISTERED'), meter('RETIRED'), meter('COMMISSIONED')], 'went from RETIRED'],
    ['a meter is frozen before it was in service', [meter('REGISTERED'), meter('FROZEN')], 'which no step does'],
    [
      'the class of a meter is changed',
      [meter('REGISTERED'), meter('COMMISSIONED', { accuracyClass: 'MID-A' })],
      'has got other metadata',
    ],
    [
      'the key of a meter is exchanged',
      [
        meter('REGISTERED'),
        meter('COMMISSIONED', { keys: [{ version: 1, publicKey: newKey.publicKey, firstSequence: 1 }] }),
      ],
      'has got other metadata',
    ],
  ] as const)('notice when %s', (_what, stages, expected) => {
    expect(found(ledgerOf(...stages))).toContain(expected);
  });

  test('notice when an asset is changed', () => {
    const rows = new Rows();
    const asset = assetCodec.decode({ ...exampleAsset, status: 'REGISTERED' }, '');
    rows.put(rowCodec(assetCodec), asset, ROW_TYPES.asset, asset.assetId);
    rows.put(rowCodec(assetCodec), { ...asset, status: 'COMMISSIONED' }, ROW_TYPES.asset, asset.assetId);
    expect(found(rows)).toBe('holds');
    rows.tamper(ROW_TYPES.asset, 0, (row) => ({ ...row, energyWh: '1' }));
    expect(found(rows)).toContain('has got other metadata');
  });
});

function withoutFormat({ v: _format, ...row }: JsonObject): JsonObject {
  return row;
}

describe('a later key of a meter', () => {
  const next = { version: 2, publicKey: newKey.publicKey, firstSequence: 5 };
  const [first] = meter('COMMISSIONED').keys;
  const keyed = { ...meter('COMMISSIONED'), keys: [first!, next] };

  function ledgerWith(change?: KeyChange): MemoryRows {
    const rows = ledgerOf(meter('REGISTERED'), meter('COMMISSIONED'), keyed);
    if (change !== undefined) {
      rows.put(rowCodec(keyChangeCodec), change, ROW_TYPES.meterKeyChange, meterId, keyChangeDigest(change));
    }
    return rows;
  }

  function rotation(signer: SigningKey): KeyChange {
    const { version: keyVersion, publicKey, firstSequence } = next;
    const commandId = '01c0mmand000000000000000ab' as CommandId;
    const unsigned = { meterId, keyVersion, publicKey, firstSequence, commandId };
    const blank = { kind: 'rotation', expirySlot: 1_625_300, signature: signer.sign(Buffer.alloc(0)) };
    const request = {
      ...unsigned,
      cause: blank,
      requestedBy: 'CommunityMSP',
      approvedBy: 'DsoMSP',
      state: 'EFFECTIVE',
    };
    const change = keyChangeCodec.decode(request, '');
    const command = rotationCommand(change, SAMPLE_CHANNEL);
    if (command === undefined || change.cause.kind !== 'rotation') throw new TypeError('a rotation is signed');
    return { ...change, cause: { ...change.cause, signature: signer.sign(signedCommandBytes(command)) } };
  }

  test('holds where the old key has signed it and it was approved', () => {
    expect(found(ledgerWith(rotation(oldKey)))).toBe('holds');
  });

  test.each<readonly [string, () => KeyChange | undefined]>([
    ['nobody has asked for it', () => undefined],
    ['another key than the old one has signed it', () => rotation(newKey)],
    ['it was never approved', () => ({ ...rotation(oldKey), state: 'PENDING' })],
    ['it was asked for from another block on', () => ({ ...rotation(oldKey), firstSequence: 6 })],
    [
      'who asked for it in place of a lost one has approved it too',
      () => ({ ...rotation(oldKey), cause: { kind: 'loss', reason: 'Fire' }, approvedBy: 'CommunityMSP' }),
    ],
  ])('is noticed where %s', (_what, change) => {
    expect(found(ledgerWith(change()))).toContain(`key 2 of meter/${meterId} was not asked for and approved`);
  });
});
