import { EventEmitter } from 'node:events';
import { slot } from '@flexledger/domain';
import { peer } from '@hyperledger/fabric-protos';
import { Shim, type ChaincodeInterface, type ChaincodeResponse, type ChaincodeStub } from 'fabric-shim';
import { BatchingServer, offerOf, type BatchUse } from './peer-batches';
import { keys } from '../store/keys';
import { StoreSession } from '../store/session';

const { Type } = peer.ChaincodeMessage;
const names = new Map<number, string>(Object.entries(Type).map(([name, type]) => [type, name]));
const slots = [1, 2, 3, 4, 5].map((at) => keys.clock(slot(at)));

/** A peer's end of one connection: it answers requests at once and remembers what it was asked. */
class PeerEnd extends EventEmitter {
  public readonly asked: string[] = [];
  public readonly written = new Map<string, string>();
  public answered: peer.Response | undefined;
  public readonly state = new Map<string, Uint8Array>();
  public loses = false;

  public write(message: peer.ChaincodeMessage): void {
    const type = message.getType();
    this.asked.push(names.get(type) ?? '');
    if (type === Type.COMPLETED) {
      this.answered = peer.Response.deserializeBinary(message.getPayload_asU8());
      this.emit('completed');
    } else if (type !== Type.REGISTER) {
      this.say(Type.RESPONSE, this.answer(type, message.getPayload_asU8()));
    }
  }

  public end(): void {
    // Nothing is kept open.
  }

  public say(type: number, payload: Uint8Array = new Uint8Array()): void {
    const message = new peer.ChaincodeMessage();
    message.setType(type as peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]);
    message.setPayload(payload);
    message.setTxid('transaction');
    message.setChannelId('community');
    this.emit('data', message);
  }

  private answer(type: number, payload: Uint8Array): Uint8Array {
    if (type === Type.GET_STATE) {
      return this.state.get(peer.GetState.deserializeBinary(payload).getKey()) ?? new Uint8Array();
    }
    if (type === Type.GET_STATE_MULTIPLE) {
      const result = new peer.GetStateMultipleResult();
      const asked = this.loses ? [] : peer.GetStateMultiple.deserializeBinary(payload).getKeysList();
      result.setValuesList(asked.map((key) => this.state.get(key) ?? new Uint8Array()));
      return result.serializeBinary();
    }
    if (type === Type.PUT_STATE) {
      const put = peer.PutState.deserializeBinary(payload);
      this.note(put.getCollection(), put.getKey(), put.getValue_asU8());
    }
    if (type === Type.WRITE_BATCH_STATE) {
      for (const record of peer.WriteBatchState.deserializeBinary(payload).getRecList()) {
        this.note(record.getCollection(), record.getKey(), record.getValue_asU8());
      }
    }
    return new Uint8Array();
  }

  private note(collection: string, key: string, value: Uint8Array): void {
    this.written.set(`${collection}|${key}`, Buffer.from(value).toString());
  }
}

function ready(writes: number, reads: number): Uint8Array {
  const offer = new peer.ChaincodeAdditionalParams();
  offer.setUseWriteBatch(writes > 0);
  offer.setMaxSizeWriteBatch(writes);
  offer.setUseGetMultipleKeys(reads > 0);
  offer.setMaxSizeGetMultipleKeys(reads);
  return offer.serializeBinary();
}

/** A chaincode that reads five rows together and writes four, one of them private. */
const chaincode: ChaincodeInterface = {
  Init: () => Promise.reject(new Error('never')),
  Invoke: async (stub: ChaincodeStub): Promise<ChaincodeResponse> => {
    const session = new StoreSession(stub);
    try {
      const rows = await Promise.all(slots.map((key) => session.load(key)));
      slots.slice(0, 3).forEach((key, index) => {
        session.save(key, { v: 1, index });
      });
      session.savePrivate('profiles', slots[4]!, { v: 1 });
      await session.flush();
      return Shim.success(Buffer.from(rows.map((row) => (row === undefined ? '-' : String(row['v']))).join('')));
    } catch (error) {
      return Shim.error((error as Error).message);
    }
  },
};

async function callOn(offer: Uint8Array, use?: BatchUse, prepare: (end: PeerEnd) => void = () => undefined) {
  const options = { ccid: 'flexledger:1', address: '127.0.0.1:0' } as ConstructorParameters<typeof BatchingServer>[1];
  const server =
    use === undefined ? new BatchingServer(chaincode, options) : new BatchingServer(chaincode, options, use);
  const end = new PeerEnd();
  end.state.set(slots[1]!, Buffer.from('{"v":7}'));
  prepare(end);
  server.connect(end);
  end.say(Type.REGISTERED);
  end.say(Type.READY, offer);
  const completed = new Promise((resolve) => end.once('completed', resolve));
  end.say(Type.TRANSACTION, new peer.ChaincodeInput().serializeBinary());
  await completed;
  return end;
}

const single = ['REGISTER', ...Array<string>(5).fill('GET_STATE'), ...Array<string>(4).fill('PUT_STATE'), 'COMPLETED'];

describe('the chaincode server', () => {
  it('reads and writes in one message each on a peer that offers it', async () => {
    const end = await callOn(ready(1000, 1000));
    expect(end.asked).toEqual(['REGISTER', 'GET_STATE_MULTIPLE', 'WRITE_BATCH_STATE', 'COMPLETED']);
    expect(Buffer.from(end.answered!.getPayload_asU8()).toString()).toBe('-7---');
    expect([...end.written.keys()]).toContain(`profiles|${slots[4]!}`);
  });

  it('never sends such a message to a peer that has not offered it, and comes to the same writes', async () => {
    const [old, recent] = [await callOn(new Uint8Array()), await callOn(ready(1000, 1000))];
    expect(old.asked).toEqual(single);
    expect(old.written).toEqual(recent.written);
    expect(old.answered!.toObject()).toEqual(recent.answered!.toObject());
  });

  it('keeps to the largest message that the peer offers', async () => {
    const { asked } = await callOn(ready(3, 2));
    expect(asked.filter((type) => type === 'WRITE_BATCH_STATE')).toHaveLength(2);
    expect(asked.filter((type) => type === 'GET_STATE_MULTIPLE')).toHaveLength(3);
  });

  it('uses each offer for itself', async () => {
    expect((await callOn(ready(1000, 0))).asked).not.toContain('GET_STATE_MULTIPLE');
    expect((await callOn(ready(1000, 1000), { writes: false, reads: false })).asked).toEqual(single);
  });

  it('does not take the empty answer of a peer whose database fails for absent rows', async () => {
    const end = await callOn(ready(1000, 1000), undefined, (failing) => {
      failing.loses = true;
    });
    expect(end.answered!.getMessage()).toMatch(/^LEDGER_REFUSED: /);
    expect(end.written.size).toBe(0);
  });

  it('reads no offer into a message without one', () => {
    expect(offerOf(new Uint8Array())).toEqual({ writesMax: 0, readsMax: 0 });
  });
});
