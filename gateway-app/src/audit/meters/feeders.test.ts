import {
  exampleGrid,
  exampleMeter,
  genesisLink,
  gridCodec,
  meterCodec,
  packReading,
  rowCodec,
  slot,
  slotText,
  wh,
  type JsonObject,
  type MeterId,
  type Quality,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { auditFeeders, feederNotes } from './feeders';
import { ROW_TYPES } from '../row-types';
import { MemoryRows } from '../testing/memory-rows';

const FIRST_SLOT = exampleMeter.firstSlot;
const key = SigningKey.generate();

function id(name: string): MeterId {
  return name.padStart(26, '0') as MeterId;
}

function putMeter(rows: MemoryRows, name: string, changes: JsonObject = {}): void {
  const { publicKey: _key, participantId, ...entry } = exampleMeter;
  const owner = changes['deviceType'] === 'feeder' ? {} : { participantId };
  const keys = [{ version: 1, publicKey: key.publicKey, firstSequence: 1 }];
  const json = { ...entry, ...owner, meterId: id(name), keys, status: 'COMMISSIONED', ...changes };
  rows.put(rowCodec(meterCodec), meterCodec.decode(json, ''), ROW_TYPES.meter, id(name));
}

/** A block of import, one value per quarter hour; what is undefined is missing. */
function putBlock(rows: MemoryRows, name: string, imports: readonly (bigint | undefined)[]): void {
  const totals = imports.map((value, index) => ({
    slot: slot(FIRST_SLOT + index),
    importWh: wh(value ?? 0n),
    exportWh: wh(0n),
  }));
  const quality = imports.map((value): Quality => (value === undefined ? 'MISSING' : 'OK'));
  const reading = {
    meterId: id(name),
    keyVersion: 1,
    sequence: 1,
    startSlot: slot(FIRST_SLOT),
    resolutionMinutes: 15 as const,
    totals,
    quality,
    // A meter states qualities only where one is not OK.
    ...(quality.includes('MISSING') ? { stated: quality } : {}),
    findings: [],
    zeroSlots: 0,
    commitment: genesisLink,
    previousLink: genesisLink,
    link: genesisLink,
    signature: key.sign(Buffer.alloc(0)),
  };
  rows.putPacked(packReading(reading), ROW_TYPES.block, id(name), slotText(reading.startSlot));
}

test('an auditor balances every feeder again and names the quarter hours that are flagged', () => {
  const rows = new MemoryRows();
  rows.put(rowCodec(gridCodec), gridCodec.decode(exampleGrid, ''), ROW_TYPES.grid, exampleGrid.gridId);
  const feeder = { elementId: 'line-1', lossAllowancePpm: '20000' };
  putMeter(rows, 'f', { deviceType: 'feeder', feeder, accuracyClass: 'IEC-0.5S' });
  putMeter(rows, 'a');
  putMeter(rows, 'b');
  putBlock(rows, 'f', [1_010n, 1_010n, 1_010n]);
  putBlock(rows, 'a', [400n, 400n, 400n]);
  putBlock(rows, 'b', [600n, 200n, undefined]);
  const feeders = auditFeeders(rows);
  expect(feeders.map(({ meterId, balances }) => [meterId, ...balances.map(({ status }) => status)])).toEqual([
    [id('f'), 'BALANCED', 'FLAGGED', 'INCOMPLETE'],
  ]);
  expect(feederNotes(feeders)).toEqual([
    `feeder meter ${id('f')}: 1 quarter hours balance, 1 are flagged, 1 lack a reading; ` +
      `slot ${FIRST_SLOT + 1} has 410 Wh unaccounted for, meters explain 18 Wh and losses 21 Wh`,
  ]);
});

test('a ledger without feeder meters has nothing to balance', () => {
  const rows = new MemoryRows();
  putMeter(rows, 'a');
  expect(auditFeeders(rows)).toEqual([]);
});
