import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChaincodeStub } from 'fabric-shim';
import { GuardedChaincode } from './service';
import { serviceOptions } from './service-options';

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
