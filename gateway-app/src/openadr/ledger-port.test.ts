import {
  manifest,
  requestDigestOf,
  slot,
  specByFunctionName,
  verifySignedCommand,
  type CommandId,
} from '@flexledger/domain';
import { SigningKey } from '../client/keys';
import { LedgerFlexibility, type VtnLedger } from './ledger-port';
import { CURRENT_SLOT, enrolmentRow, eventRow, idOf, PROGRAMME, programmeRow } from './testing/vtn-scene';

const key = SigningKey.generate();
const event = eventRow(key.address, { kind: 'SIMPLE', level: 2 });
const calls: unknown[][] = [];

/** What the ledger answers, by transaction; each call is remembered, and its request must be one that the manifest takes. */
function portOf(answers: Readonly<Record<string, (request: Record<string, unknown>) => unknown>>): LedgerFlexibility {
  calls.length = 0;
  const call = async (contract: string, transaction: string, request: Record<string, unknown>): Promise<unknown> => {
    const encoded = specByFunctionName(manifest, `${contract}:${transaction}`).request.encode(request);
    calls.push([transaction, encoded]);
    return answers[transaction]?.(request);
  };
  return new LedgerFlexibility({ channel: 'energy', evaluate: call, submit: call } as unknown as VtnLedger);
}

const clock = () => ({ clock: { firstSlot: 0, lastSlot: CURRENT_SLOT } });

test('lists are read to their last page', async () => {
  const pages = [
    { rows: [programmeRow()], bookmark: PROGRAMME },
    { rows: [programmeRow(idOf('2'))], bookmark: null },
  ];
  const port = portOf({ listProgrammes: () => pages.shift() });
  expect((await port.programmes()).map(({ programmeId }) => programmeId)).toEqual([PROGRAMME, idOf('2')]);
  expect(calls).toEqual([
    ['listProgrammes', {}],
    ['listProgrammes', { bookmark: PROGRAMME }],
  ]);
});

test('an enrolment that is none is undefined', async () => {
  const port = portOf({ getEnrolment: () => ({ enrolment: null }) });
  expect(await port.enrolment(PROGRAMME, key.address)).toBeUndefined();
  const row = enrolmentRow(key.address, idOf('asset'));
  expect(await portOf({ getEnrolment: () => ({ enrolment: row }) }).enrolment(PROGRAMME, key.address)).toBe(row);
});

test('before the first tick no slot has begun', async () => {
  expect(await portOf({ getClock: () => ({ clock: null }) }).currentSlot()).toBe(0);
});

test.each([
  { transaction: 'acknowledgeEvent' },
  { transaction: 'optIn' },
  { transaction: 'optOut', reason: 'DECLINED' },
] as const)('an answer %p is signed as its contract verifies it', async (answer) => {
  const port = portOf({ getClock: clock });
  const commandId = idOf('c0mmand') as CommandId;
  const signed = await port.sign(event, answer, key, commandId);
  const { signature, ...unsigned } = signed.request;
  const command = {
    channel: 'energy',
    commandId,
    contract: 'flexibility',
    transaction: answer.transaction,
    expirySlot: slot(CURRENT_SLOT + 4),
    requestDigest: requestDigestOf(unsigned),
  };
  expect(() => verifySignedCommand(command, key.publicKey, String(signature))).not.toThrow();
  expect(signed.request).toMatchObject({ orderId: event.orderId, participantId: key.address });
});
