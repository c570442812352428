import { neverExpires, requestDigestOf, verifySignedCommand, type CommandId } from '@flexledger/domain';
import { SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { registerCustodial } from './register-custodial';

test('a custodial prosumer is registered as such, and its entry shows that the gateway holds the key', async () => {
  const key = SigningKey.generate();
  const submit = jest.fn(() => Promise.resolve());
  const ledger = { channel: 'energy', submit } as unknown as Ledger;
  expect(await registerCustodial(ledger, key, 10_000n)).toBe(key.address);
  expect(submit).toHaveBeenCalledTimes(1);
  const [contract, transaction, request] = submit.mock.calls[0] as unknown as [
    string,
    string,
    { readonly commandId: CommandId; readonly participants: readonly { readonly signature: string }[] },
  ];
  const { signature, ...entry } = request.participants[0]!;
  expect(entry).toEqual({ publicKey: key.publicKey, kind: 'prosumer', custodial: true, connectionLimitW: 10_000n });
  const command = {
    channel: 'energy',
    commandId: request.commandId,
    contract,
    transaction,
    expirySlot: neverExpires,
    requestDigest: requestDigestOf({ ...entry, connectionLimitW: '10000' }),
  };
  expect(() => verifySignedCommand(command, key.publicKey, signature)).not.toThrow();
});
