import {
  GatewayError,
  StatusCode,
  type ChaincodeEvent,
  type ChaincodeEventsOptions,
} from '@hyperledger/fabric-gateway';
import { newKey, theBench } from '../support/network';
import { endorse, send, submit } from '../support/party';

const CANCELLED = 1;

interface Seen {
  readonly transactionId: string;
  readonly name: string;
  readonly payload: string;
  readonly blockNumber: bigint;
}

/** Reads events until one has this payload. */
async function eventsUntil(lastPayload: string, options: ChaincodeEventsOptions, chaincode = 'conformance') {
  const stream = await theBench().one.network.getChaincodeEvents(chaincode, options);
  const seen: Seen[] = [];
  try {
    for await (const event of stream) {
      seen.push(plain(event));
      if (seen.at(-1)?.payload === lastPayload) {
        break;
      }
    }
  } finally {
    stream.close();
  }
  return seen;
}

function plain(event: ChaincodeEvent): Seen {
  const payload = Buffer.from(event.payload).toString();
  return { transactionId: event.transactionId, name: event.eventName, payload, blockNumber: event.blockNumber };
}

async function emit(payload: string) {
  return submit(theBench().one, 'emit', [newKey('event'), 'happened', payload]);
}

/** Events of chaincodes, from any block on. */
export function describeEvents(): void {
  it('events are replayed from a block on, in order, one per transaction, the last one set', async () => {
    const [first, second, third] = [newKey('a'), newKey('b'), newKey('c')];
    const outcomes = [await emit(first), await emit(second), await emit(third)];
    const seen = await eventsUntil(third, { startBlock: outcomes[0]!.blockNumber });
    const own = seen.filter(({ payload }) => [first, second, third].includes(payload));
    expect(own).toEqual(
      outcomes.map(({ transactionId, blockNumber }, index) => ({
        transactionId,
        blockNumber,
        name: 'happened',
        payload: [first, second, third][index],
      })),
    );
    expect(seen.some(({ name }) => name === 'overwritten')).toBe(false);
  });

  it('a later start block leaves the earlier events out', async () => {
    const [before, after] = [newKey('before'), newKey('after')];
    await emit(before);
    const outcome = await emit(after);
    const seen = await eventsUntil(after, { startBlock: outcome.blockNumber });
    expect(seen.map(({ payload }) => payload)).toEqual([after]);
  });

  it('a checkpoint inside of a block continues after its transaction', async () => {
    const payloads = [newKey('x'), newKey('y'), newKey('z')];
    const transactions = await Promise.all(
      payloads.map((payload) => endorse(theBench().one, 'emit', [newKey('event'), 'happened', payload])),
    );
    const outcomes = await Promise.all(transactions.map(send));
    const last = await emit(newKey('end'));
    const end = (
      await eventsUntil((await lastPayload(last.blockNumber))!, { startBlock: outcomes[0]!.blockNumber })
    ).filter(({ transactionId }) => [...outcomes, last].some((one) => one.transactionId === transactionId));
    const second = end[1]!;
    const rest = await eventsUntil(end.at(-1)!.payload, {
      checkpoint: {
        getBlockNumber: () => second.blockNumber,
        getTransactionId: () => second.transactionId,
      },
    });
    expect(rest).toEqual(end.slice(2));
  });

  it('an open stream gets new events, and without a start only new ones', async () => {
    const [old, fresh] = [newKey('old'), newKey('fresh')];
    await emit(old);
    const waiting = eventsUntil(fresh, {});
    // The stream starts with the block after the newest one that the peer has when it opens: keep the chain moving.
    let done = false;
    void waiting.finally(() => (done = true));
    while (!done) {
      await emit(fresh);
    }
    const seen = await waiting;
    expect(seen.map(({ payload }) => payload)).toEqual([fresh]);
  });

  it('an invalid transaction has no event', async () => {
    const [lost, marker] = [newKey('lost'), newKey('marker')];
    const outcome = await submit(theBench().one, 'emit', [newKey('event'), 'happened', lost], {
      endorsingOrganizations: ['OneMSP'],
    });
    expect(outcome.code).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
    await emit(marker);
    const seen = await eventsUntil(marker, { startBlock: outcome.blockNumber });
    expect(seen.map(({ payload }) => payload)).toEqual([marker]);
  });

  it('a stream of one chaincode has no events of another', async () => {
    const { one } = theBench();
    const outcome = await emit(newKey('mine'));
    const stream = await one.network.getChaincodeEvents('another', { startBlock: outcome.blockNumber });
    const received: string[] = [];
    const reading = (async () => {
      for await (const event of stream) {
        received.push(event.chaincodeName);
      }
    })().catch((error: unknown) => {
      if (!(error instanceof GatewayError) || error.code !== CANCELLED) {
        throw error;
      }
    });
    await eventsUntil(await lastPayload(outcome.blockNumber).then((payload) => payload!), {
      startBlock: outcome.blockNumber,
    });
    stream.close();
    await reading;
    expect(received).toEqual([]);
  });
}

/** The payload of the last event of a block. */
async function lastPayload(blockNumber: bigint): Promise<string | undefined> {
  const marker = newKey('last');
  await emit(marker);
  const seen = await eventsUntil(marker, { startBlock: blockNumber });
  return seen.filter((event) => event.blockNumber === blockNumber).at(-1)?.payload;
}
