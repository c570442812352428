/** Many clients at once: blocks of many transactions, in which conflicts of every kind come about by themselves. */
import { GatewayError } from '@hyperledger/fabric-gateway';
import { endorse, send, type Party } from '../conformance/support/party';
import { everyone, sendRaw, type Cast } from './cast';
import { forge, writing, type Forgery } from './forge';

/** Which calls each client makes follows from this; in which order they meet in the blocks does not. */
const SEED = 20261127;
const CLIENTS_PER_ORGANIZATION = 9;
const CALLS_PER_CLIENT = 37;
/** gRPC's ABORTED: two endorsers were at different blocks and gave different answers. */
const ABORTED = 10;
const MEMBERS = { endorsingOrganizations: ['OneMSP', 'TwoMSP'] };

/** A choice below `bound`, from the seed alone. */
type Choose = (bound: number) => number;

/** A small generator (mulberry32), one for each client. */
function choices(seed: number): Choose {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

interface Client {
  readonly cast: Cast;
  readonly party: Party;
  readonly choose: Choose;
}

type Call = (client: Client) => Promise<void>;

async function call(party: Party, name: string, parameters: readonly string[], options = {}): Promise<void> {
  await send(await endorse(party, name, parameters, options));
}

function key(choose: Choose, prefix = 'row', bound = 30): string {
  return `${prefix}${String(choose(bound)).padStart(2, '0')}`;
}

async function put({ party, choose }: Client): Promise<void> {
  await call(party, 'put', [key(choose), `value ${choose(1000)}`]);
}

async function update({ party, choose }: Client): Promise<void> {
  const hot = key(choose, 'hot', 5);
  await call(party, 'readAndPut', [hot, hot, `turn ${choose(1000)}`]);
}

async function remove({ party, choose }: Client): Promise<void> {
  await call(party, 'remove', [key(choose)]);
}

async function range({ party, choose }: Client): Promise<void> {
  await call(party, 'rangeAndPut', [key(choose), key(choose, 'row', 40), key(choose, 'sum', 10), 'counted']);
}

async function page({ party, choose }: Client): Promise<void> {
  await call(party, 'page', [key(choose), '', String(1 + choose(10)), '']);
}

async function many({ party, choose }: Client): Promise<void> {
  await call(party, 'putMany', [key(choose, 'batch', 4), String(1 + choose(4))]);
}

async function composite({ party, choose }: Client): Promise<void> {
  await call(party, 'putComposite', ['pair', JSON.stringify([key(choose, 'left', 3), key(choose, 'right', 3)]), 'x']);
}

async function composites({ party, choose }: Client): Promise<void> {
  await call(party, 'composites', ['pair', JSON.stringify([key(choose, 'left', 3)])]);
}

async function emit({ party, choose }: Client): Promise<void> {
  await call(party, 'emit', [key(choose, 'event', 3), 'happened', `payload ${choose(1000)}`]);
}

function collection(choose: Choose): string {
  return choose(3) === 0 ? 'fleeting' : 'secrets';
}

async function putPrivate({ cast, choose }: Client): Promise<void> {
  const options = { ...MEMBERS, transientData: { value: `secret ${choose(1000)}` } };
  await call(cast.one, 'putPrivate', [collection(choose), key(choose, 'private', 6)], options);
}

async function readPrivate({ party, choose }: Client): Promise<void> {
  const parameters = [collection(choose), key(choose, 'private', 6), key(choose, 'copy', 9)];
  await call(party, 'readPrivateAndPut', parameters);
}

async function forgetPrivate({ cast, choose }: Client): Promise<void> {
  const name = choose(2) === 0 ? 'removePrivate' : 'purgePrivate';
  await call(cast.two, name, [collection(choose), key(choose, 'private', 6)], MEMBERS);
}

async function alone({ party, choose }: Client): Promise<void> {
  await call(party, 'put', [key(choose), 'endorsed by one'], { endorsingOrganizations: [party.mspId] });
}

/** Forged envelopes in the same blocks as honest ones; now and then the same one twice. */
async function forged({ cast, choose }: Client): Promise<void> {
  const [one, two, three] = cast.peers;
  const namespaces = [writing('conformance', key(choose), `forged ${choose(1000)}`)];
  const forgeries: readonly Forgery[] = [
    { namespaces, endorsers: [one, three] },
    { namespaces, endorsers: [two] },
    { namespaces, endorsers: [two, cast.client] },
    { namespaces, endorsers: [one, two], headerChaincode: 'unheard' },
    { namespaces, endorsers: [one, two], eventOf: 'other' },
    { endorsers: [one, two], readWriteSetBytes: Buffer.from('this is no read-write set') },
    { namespaces: [...namespaces, ...namespaces], endorsers: [one, two] },
  ];
  const { envelope, transactionId } = forge(cast.channelId, cast.client, forgeries[choose(forgeries.length)]!);
  const times = choose(3) === 0 ? 2 : 1;
  await Promise.all(Array.from({ length: times }, () => sendRaw(cast, envelope, transactionId)));
}

/** How often each call comes, of all the weights. */
const MIX: readonly (readonly [number, Call])[] = [
  [18, put],
  [18, update],
  [7, remove],
  [14, range],
  [3, page],
  [4, many],
  [5, composite],
  [3, composites],
  [4, emit],
  [9, putPrivate],
  [9, readPrivate],
  [5, forgetPrivate],
  [3, alone],
  [8, forged],
];

function draw(choose: Choose): Call {
  let left = choose(MIX.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, action] of MIX) {
    left -= weight;
    if (left < 0) {
      return action;
    }
  }
  return put;
}

async function work(client: Client): Promise<void> {
  for (let done = 0; done < CALLS_PER_CLIENT; done += 1) {
    try {
      await draw(client.choose)(client);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== ABORTED) {
        throw error;
      }
    }
  }
}

/** The load of all clients, until each has made its calls. */
export async function load(cast: Cast): Promise<void> {
  process.stdout.write(`load with seed ${SEED}\n`);
  const clients = everyone(cast).flatMap((party, organization) =>
    Array.from({ length: CLIENTS_PER_ORGANIZATION }, (_, index): Client => {
      const number = organization * CLIENTS_PER_ORGANIZATION + index;
      return { cast, party, choose: choices(SEED + number) };
    }),
  );
  await Promise.all(clients.map(work));
}
