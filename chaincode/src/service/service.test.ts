import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, exampleAsset, exampleFounding, type JsonValue } from '@flexledger/domain';
import type { ChaincodeStub } from 'fabric-shim';
import { GuardedChaincode } from './service';
import { serviceOptions } from './service-options';
import { command } from '../testing/actors';
import { MemoryStub, type MemoryState } from '../testing/memory-stub';

/** A certificate whose attribute `role` says regulator; who signed it does not matter to a chaincode, but to its peer. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUcRWzbxK6mendyuOXFnt50nZ8W/UwCgYIKoZIzj0EAwIw
JTESMBAGA1UEAwwJcmVndWxhdG9yMQ8wDQYDVQQLDAZjbGllbnQwIBcNMjYxMTI3
MDMyMDMwWhgPMjEyNjExMDMwMzIwMzBaMCUxEjAQBgNVBAMMCXJlZ3VsYXRvcjEP
MA0GA1UECwwGY2xpZW50MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE5diUyz9I
Ssjhy3Opz+oprhV7sWz4kw/IRuxblz4fZGTKOrbhXKneqMZ8a1bTvhrsC48jsPrC
CUDpIB4J9EaJDKNNMEswKgYIKgMEBQYHCAEEHnsiYXR0cnMiOnsicm9sZSI6InJl
Z3VsYXRvciJ9fTAdBgNVHQ4EFgQUGn0bqjvDJ5NSWcAmfjFgcDLIWncwCgYIKoZI
zj0EAwIDSAAwRQIgfFaB8D+ELvTqgtCzyuclMAdsJjn0jOpqUONFJcOufUYCIQCd
d7fEKsVWRTeC3mNVcyvmScPZrUkluDavBAACcXJReA==
-----END CERTIFICATE-----
`;

/** One call by the holder of the certificate over an empty ledger. */
function callBy(mspId: string, functionName: string, request: JsonValue) {
  const state: MemoryState = new Map();
  const text = canonicalJson(request);
  const stub = new MemoryStub(state, {
    channel: 'community',
    transactionId: 'transaction',
    functionName,
    request: text,
    transient: new Map<string, Uint8Array>(),
    transactionSeconds: 0,
    collections: [],
  });
  return Object.assign(stub, {
    getBufferArgs: () => [functionName, text].map((argument) => Buffer.from(argument)),
    getCreator: () => ({ mspid: mspId, idBytes: Buffer.from(certificate) }),
  });
}

function stubFor(...callArguments: (string | Uint8Array)[]): ChaincodeStub {
  const stub = {
    getBufferArgs: () => callArguments.map((argument) => Buffer.from(argument)),
    getTxID: () => 'transaction',
    getChannelID: () => 'community',
    getCreator: () => ({ mspid: 'TsoMSP', idBytes: new Uint8Array() }),
  };
  return stub as unknown as ChaincodeStub;
}

describe('the chaincode', () => {
  const chaincode = new GuardedChaincode();

  it.each([
    ['an unknown function', ['registry:tock', '{}'], 'CALL_FUNCTION_UNKNOWN'],
    ['no arguments at all', [], 'CALL_FUNCTION_UNKNOWN'],
    ['a function that the contract API would find in its prototype', ['__proto__:x', '{}'], 'CALL_FUNCTION_UNKNOWN'],
    ['a missing argument', ['registry:tick'], 'CALL_ARGUMENTS_COUNT'],
    ['an extra argument', ['registry:tick', '{}', '{}'], 'CALL_ARGUMENTS_COUNT'],
    ['bytes that are not UTF-8', ['registry:tick', Buffer.of(0xff)], 'INPUT_NOT_UTF8'],
  ])('answers %s with a code', async (_label, callArguments, code) => {
    const response = await chaincode.Invoke(stubFor(...callArguments));
    expect(response.status).toBe(500);
    expect(response.message).toMatch(new RegExp(`^${code}: `));
  });

  it('has no Init', async () => {
    expect((await chaincode.Init()).message).toMatch(/^CALL_FUNCTION_UNKNOWN: /);
  });
});

describe('a call by the holder of a certificate', () => {
  const founding = { commandId: command('bootstrap'), ...(exampleFounding as unknown as Record<string, JsonValue>) };
  const direct = new GuardedChaincode();
  const throughApi = new GuardedChaincode({ throughContractApi: true });
  const asStub = (call: unknown) => call as ChaincodeStub;

  it.each([
    ['is carried out', 'RegulatorMSP', 'registry:bootstrap', founding],
    ['is refused with a code where its organisation may not send it', 'StrangerMSP', 'registry:bootstrap', founding],
    ['is refused with a code where its request is wrong', 'RegulatorMSP', 'registry:bootstrap', {}],
    [
      'is refused before the founding',
      'RegulatorMSP',
      'registry:tick',
      { commandId: command('t'), fromSlot: 1, toSlot: 1 },
    ],
  ])('%s, and the contract API would answer and write the same', async (_label, mspId, name, request) => {
    const [own, api] = [callBy(mspId, name, request), callBy(mspId, name, request)];
    const response = await direct.Invoke(asStub(own));
    expect(response).toEqual(await throughApi.Invoke(asStub(api)));
    expect(own.writes).toEqual(api.writes);
    expect(own.event).toEqual(api.event);
    expect([response.status, own.writes.length > 0]).toEqual(
      mspId === 'RegulatorMSP' && request === founding ? [200, true] : [500, false],
    );
  });

  it('asks a peer that takes many keys at once for all that a registration needs in one message', async () => {
    const request = { commandId: command('assets'), assets: [exampleAsset] };
    const asked: (readonly string[])[] = [];
    const getRows = (keys: readonly string[]) => {
      asked.push(keys);
      return Promise.resolve(keys.map(() => new Uint8Array()));
    };
    const call = Object.assign(callBy('AggregatorMSP', 'registry:registerAssets', request), { batches: { getRows } });
    await direct.Invoke(asStub(call));
    const kinds = asked.map((keys) => keys.map((key) => key.split('\u0000')[1]).sort());
    expect(kinds).toEqual([['asset', 'command', 'governance', 'grid', 'participant']]);
  });

  it('has the organisation of this call, not of an earlier one with the same certificate', async () => {
    const chaincode = new GuardedChaincode();
    const answers = ['RegulatorMSP', 'StrangerMSP', 'RegulatorMSP'].map(async (mspId) =>
      chaincode.Invoke(asStub(callBy(mspId, 'registry:bootstrap', founding))),
    );
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 500, 200]);
  });

  it('with a certificate that cannot be read is refused with a code', async () => {
    const call = Object.assign(callBy('TsoMSP', 'registry:bootstrap', founding), {
      getCreator: () => ({ mspid: 'TsoMSP', idBytes: Buffer.from('no certificate') }),
    });
    expect((await direct.Invoke(asStub(call))).message).toMatch(/^INVARIANT_BROKEN: /);
  });
});

describe('the options of the service', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-service-'));
  const file = (name: string) => join(folder, name);
  const environment = {
    CHAINCODE_ID: 'flexledger:0a',
    CHAINCODE_SERVER_ADDRESS: '127.0.0.1:9999',
    CORE_PEER_LOCALMSPID: 'TsoMSP',
    CHAINCODE_TLS_KEY_FILE: file('key'),
    CHAINCODE_TLS_CERT_FILE: file('cert'),
    CHAINCODE_TLS_CLIENT_CACERT_FILE: file('ca'),
  };

  beforeAll(() => {
    for (const name of ['key', 'cert', 'ca']) {
      writeFileSync(file(name), name);
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('come from the environment, with the files of TLS read', () => {
    const options = serviceOptions(environment);
    expect(options).toMatchObject({ ccid: 'flexledger:0a', address: '127.0.0.1:9999' });
    expect(options.tlsProps.clientCACerts.toString()).toBe('ca');
  });

  it.each(Object.keys(environment))('are refused without %s', (name) => {
    const { [name as keyof typeof environment]: _absent, ...rest } = environment;
    expect(() => serviceOptions(rest)).toThrow(`The environment variable ${name} is not set`);
  });

  it('are without TLS only where that is said in so many words', () => {
    const { CHAINCODE_ID, CHAINCODE_SERVER_ADDRESS, CORE_PEER_LOCALMSPID } = environment;
    const plain = { CHAINCODE_ID, CHAINCODE_SERVER_ADDRESS, CORE_PEER_LOCALMSPID };
    expect(serviceOptions({ ...plain, CHAINCODE_TLS_DISABLED: 'true' })).not.toHaveProperty('tlsProps');
    for (const said of ['', '1', 'yes', 'false']) {
      expect(() => serviceOptions({ ...plain, CHAINCODE_TLS_DISABLED: said })).toThrow('CHAINCODE_TLS_KEY_FILE');
    }
  });
});
