import { EventEmitter } from 'node:events';
import { MemoryState, TransactionSimulator, decodeReadWriteSet } from '@flexledger/fabric-model';
import { peer } from '@hyperledger/fabric-protos';
import { failureOf } from '../testing/failure';
import { ChaincodeConnection, type ChaincodeStream } from './connection';
import { defaultChaincodeLimits } from './state-requests';
import type { TransactionContext } from './transaction-context';

const { Type } = peer.ChaincodeMessage;
type TypeNumber = peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap];

/** The chaincode's end of a stream: what the peer wrote, and a way to answer. */
class ChaincodeEnd extends EventEmitter implements ChaincodeStream {
  readonly written: peer.ChaincodeMessage[] = [];
  isEnded = false;

  write(message: peer.ChaincodeMessage): void {
    this.written.push(message);
    this.emit('written');
  }

  end(): void {
    this.isEnded = true;
  }

  say(type: TypeNumber, payload: Uint8Array = new Uint8Array(0), transactionId = ''): void {
    const message = new peer.ChaincodeMessage();
    message.setType(type);
    message.setPayload(payload);
    message.setTxid(transactionId);
    message.setChannelId(transactionId === '' ? '' : 'trial');
    this.emit('data', message);
  }

  /** Says something and waits for the peer's answer. */
  async ask(type: TypeNumber, payload: Uint8Array, transactionId = 'tx1'): Promise<peer.ChaincodeMessage> {
    const answer = new Promise<void>((resolve) => this.once('written', resolve));
    this.say(type, payload, transactionId);
    await answer;
    return this.last;
  }

  get last(): peer.ChaincodeMessage {
    const message = this.written.at(-1);
    if (message === undefined) throw new Error('nothing was written');
    return message;
  }
}

function textOf(message: peer.ChaincodeMessage): string {
  return Buffer.from(message.getPayload_asU8()).toString('utf8');
}

function contextOf(simulator: TransactionSimulator, transactionId = 'tx1'): TransactionContext {
  return {
    channel: 'trial',
    transactionId,
    chaincodeName: 'ledger',
    signedProposal: new peer.SignedProposal(),
    simulator,
    history: async () => Promise.resolve([]),
    collectionPermission: () => ({ read: false, write: false }),
  };
}

describe('the peer side of a chaincode stream', () => {
  let end: ChaincodeEnd;
  let connection: ChaincodeConnection;
  let simulator: TransactionSimulator;
  const registered: string[] = [];
  const closed: string[] = [];

  beforeEach(() => {
    registered.length = 0;
    closed.length = 0;
    end = new ChaincodeEnd();
    const limits = { ...defaultChaincodeLimits, executeTimeoutMs: 50 };
    connection = new ChaincodeConnection(end, limits, {
      registered: (_, chaincodeId) => registered.push(chaincodeId),
      closed: (_, reason) => closed.push(reason),
    });
    simulator = new TransactionSimulator({
      transactionId: 'tx1',
      state: new MemoryState(),
      hasCollection: () => true,
    });
  });

  function register(): void {
    const id = new peer.ChaincodeID();
    id.setName('ledger_1.0:abc');
    end.say(Type.REGISTER, id.serializeBinary());
  }

  it('answers a registration with REGISTERED and READY, and announces what a 3.1 peer can do', () => {
    register();
    expect(end.written.map((message) => message.getType())).toEqual([Type.REGISTERED, Type.READY]);
    const parameters = peer.ChaincodeAdditionalParams.deserializeBinary(end.last.getPayload_asU8());
    expect(parameters.toObject()).toEqual({
      useWriteBatch: true,
      maxSizeWriteBatch: 1000,
      useGetMultipleKeys: true,
      maxSizeGetMultipleKeys: 1000,
    });
    expect(registered).toEqual(['ledger_1.0:abc']);
    expect(connection.isReady).toBe(true);
  });

  it('ends a stream that begins with anything else or without a name', () => {
    end.say(Type.GET_STATE);
    expect(closed).toEqual(['cannot handle message (GET_STATE) while in created state']);
    expect(end.isEnded).toBe(true);
    expect(registered).toEqual([]);
  });

  it('takes a batch of writes and a list of reads in one message each', async () => {
    register();
    const running = connection.execute({ context: contextOf(simulator), input: new peer.ChaincodeInput() });
    const batch = new peer.WriteBatchState();
    for (const [key, type] of [
      ['a', peer.WriteRecord.Type.PUT_STATE],
      ['b', peer.WriteRecord.Type.DEL_STATE],
    ] as const) {
      const record = new peer.WriteRecord();
      record.setKey(key);
      record.setType(type);
      record.setValue(Buffer.from('value'));
      batch.addRec(record);
    }
    expect((await end.ask(Type.WRITE_BATCH_STATE, batch.serializeBinary())).getType()).toBe(Type.RESPONSE);
    const reads = new peer.GetStateMultiple();
    reads.setKeysList(['a', 'c']);
    const answer = await end.ask(Type.GET_STATE_MULTIPLE, reads.serializeBinary());
    expect(peer.GetStateMultipleResult.deserializeBinary(answer.getPayload_asU8()).getValuesList()).toHaveLength(2);
    const response = new peer.Response();
    response.setStatus(200);
    end.say(Type.COMPLETED, response.serializeBinary(), 'tx1');
    expect((await running).response.getStatus()).toBe(200);
    const [set] = decodeReadWriteSet(simulator.result().readWriteSetBytes).namespaces;
    expect(set?.writes.map(({ key, value }) => [key, value === undefined])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(set?.reads.map(({ key }) => key)).toEqual(['a', 'c']);
  });

  it('takes an empty value as a deletion, as a peer does', async () => {
    register();
    const running = connection.execute({ context: contextOf(simulator), input: new peer.ChaincodeInput() });
    const put = new peer.PutState();
    put.setKey('a');
    await end.ask(Type.PUT_STATE, put.serializeBinary());
    end.say(Type.COMPLETED, new peer.Response().serializeBinary(), 'tx1');
    await running;
    const [set] = decodeReadWriteSet(simulator.result().readWriteSetBytes).namespaces;
    expect(set?.writes).toEqual([{ key: 'a', value: undefined }]);
  });

  it('refuses private data that the creator may not see or change', async () => {
    register();
    const running = connection.execute({ context: contextOf(simulator), input: new peer.ChaincodeInput() });
    const get = new peer.GetState();
    get.setKey('a');
    get.setCollection('secret');
    const read = await end.ask(Type.GET_STATE, get.serializeBinary());
    expect(read.getType()).toBe(Type.ERROR);
    expect(textOf(read)).toBe(
      'GET_STATE failed: transaction ID: tx1: tx creator does not have read access permission on privatedata in ' +
        'chaincodeName:ledger collectionName: secret',
    );
    const purge = new peer.PurgePrivateState();
    purge.setKey('a');
    expect(textOf(await end.ask(Type.PURGE_PRIVATE_DATA, purge.serializeBinary()))).toContain(
      'only applicable for private data',
    );
    end.say(Type.COMPLETED, new peer.Response().serializeBinary(), 'tx1');
    await running;
  });

  it('answers a request of a transaction that does not run with an error', async () => {
    register();
    const answer = await end.ask(Type.GET_STATE, new peer.GetState().serializeBinary(), 'unknown');
    expect(answer.getType()).toBe(Type.ERROR);
    expect(textOf(answer)).toContain('no ledger context');
  });

  it('gives a transaction up when its time is over, and stays usable', async () => {
    register();
    const error = await failureOf(
      connection.execute({ context: contextOf(simulator), input: new peer.ChaincodeInput() }),
    );
    expect(error.message).toContain('timeout expired while executing transaction');
    const running = connection.execute({ context: contextOf(simulator, 'tx2'), input: new peer.ChaincodeInput() });
    end.say(Type.COMPLETED, new peer.Response().serializeBinary(), 'tx2');
    await running;
    expect(connection.isReady).toBe(true);
  });

  it('fails every transaction in flight when the stream ends', async () => {
    register();
    const running = failureOf(connection.execute({ context: contextOf(simulator), input: new peer.ChaincodeInput() }));
    end.emit('end');
    expect((await running).message).toMatch(/chaincode stream terminated$/);
    expect(connection.isReady).toBe(false);
  });

  it('ends the stream on a message that chaincode must not send', () => {
    register();
    end.say(Type.TRANSACTION, new Uint8Array(0), 'tx1');
    expect(closed[0]).toContain('cannot handle message (TRANSACTION) while in ready state');
  });

  it('passes on the text with which the chaincode itself gives up', async () => {
    register();
    const running = failureOf(connection.execute({ context: contextOf(simulator), input: new peer.ChaincodeInput() }));
    end.say(Type.ERROR, Buffer.from('no stub'), 'tx1');
    expect((await running).message).toBe('transaction returned with failure: no stub');
  });
});
