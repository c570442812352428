/** What happens on the recorded network: each scene leaves transactions with one kind of outcome in the blocks. */
import { peer } from '@hyperledger/fabric-protos';
import { commitStatus, endorse, send, submit, submitEverywhere } from '../conformance/support/party';
import { reconfigure, setBatchTimeout, setStrictLifecycle, upgrade } from './changes';
import { everyone, sendRaw, type Cast } from './cast';
import { define, membership, revocation } from './membership';
import { duplicates, endorsements, forms, hidden, spentId } from './forged-scenes';
import { forge, writing } from './forge';
import { load } from './load';

async function conflicts(cast: Cast): Promise<void> {
  await submitEverywhere(everyone(cast), 'put', ['hot', 'start']);
  const racers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((value) => endorse(cast.one, 'readAndPut', ['hot', 'hot', value])),
  );
  await Promise.all(racers.map(send));
  const absent = await endorse(cast.two, 'readAndPut', ['absent', 'other', 'x']);
  await submitEverywhere(everyone(cast), 'put', ['absent', 'now here']);
  await send(absent);
  await submitEverywhere(everyone(cast), 'remove', ['hot']);
  await submit(cast.one, 'readAndPut', ['hot', 'hot', 'again']);
}

/** Ranges of 0, 3, 50, 51, 120 and 2,700 rows: from 51 rows on, peers record hashes; 2,700 need two levels of them. */
async function ranges(cast: Cast): Promise<void> {
  for (const [prefix, count] of Object.entries({ none: 0, few: 3, raw: 50, over: 51, many: 120, deep: 2700 })) {
    await submitEverywhere(everyone(cast), 'putMany', [prefix, String(count)]);
    const calm = await endorse(cast.one, 'rangeAndPut', [prefix, `${prefix}~`, `outside-${prefix}`, 'calm']);
    await send(calm);
    const disturbed = await endorse(cast.one, 'rangeAndPut', [prefix, `${prefix}~`, `outside-${prefix}`, 'late']);
    await submitEverywhere(everyone(cast), 'put', [`${prefix}0001x`, 'phantom']);
    await send(disturbed);
  }
  const vanishing = await endorse(cast.two, 'rangeAndPut', ['many', 'many~', 'outside', 'x']);
  await submitEverywhere(everyone(cast), 'remove', ['many0100']);
  await send(vanishing);
  const together = await Promise.all([
    endorse(cast.one, 'put', ['few0002', 'changed']),
    endorse(cast.one, 'rangeAndPut', ['few', 'few~', 'outside', 'y']),
  ]);
  await Promise.all(together.map(send));
  await submit(cast.one, 'page', ['raw', 'raw~', '20', '']);
  await submit(cast.one, 'page', ['many', '', '20', 'many0030']);
}

async function keys(cast: Cast): Promise<void> {
  await submitEverywhere(everyone(cast), 'putComposite', ['pair', '["left","right"]', 'both']);
  await submitEverywhere(everyone(cast), 'putComposite', ['pair', '["left","\u00e9\u{1f50c}"]', 'plug']);
  await submit(cast.one, 'composites', ['pair', '["left"]']);
  await submitEverywhere(everyone(cast), 'put', ['\u{1f50c}', 'above the basic plane']);
  await submitEverywhere(everyone(cast), 'put', ['\ufffd', 'below it in UTF-8, above it in UTF-16']);
  await submit(cast.two, 'range', ['\u{e000}', '']);
  await submit(cast.one, 'emit', ['event', 'happened', 'payload']);
}

async function privateData(cast: Cast): Promise<void> {
  const put = async (collection: string, key: string, value: string): Promise<void> => {
    await submit(cast.one, 'putPrivate', [collection, key], {
      transientData: { value },
      endorsingOrganizations: ['OneMSP', 'TwoMSP'],
    });
  };
  await put('secrets', 'p1', 'first');
  await put('secrets', 'p2', 'second');
  const options = { endorsingOrganizations: ['OneMSP', 'TwoMSP'] };
  const reader = await endorse(cast.one, 'readPrivateAndPut', ['secrets', 'p1', 'copy'], options);
  await submit(cast.one, 'readPrivateAndPut', ['secrets', 'p2', 'copy2'], options);
  await put('secrets', 'p1', 'changed');
  await send(reader);
  await submit(cast.one, 'removePrivate', ['secrets', 'p2'], options);
  await submit(cast.one, 'purgePrivate', ['secrets', 'p1'], options);
  await put('fleeting', 'f1', 'forgotten soon');
  await submit(cast.one, 'readPrivateAndPut', ['fleeting', 'f1', 'copy3'], options);
  const late = await endorse(cast.one, 'readPrivateAndPut', ['fleeting', 'f1', 'copy4'], options);
  for (let index = 0; index < 5; index += 1) {
    await submit(cast.one, 'put', [`time-passes-${index}`, 'x']);
  }
  await send(late);
  await submit(cast.one, 'readPrivateAndPut', ['fleeting', 'f1', 'copy5'], options);
}

/** New configurations, one to a block, and what changes with them. */
async function configurations(cast: Cast): Promise<void> {
  const [one, two, three] = cast.peers;
  const [adminOne, adminTwo] = cast.adminKeys;
  await reconfigure(cast, [adminOne], (group) => {
    setBatchTimeout(group, '300ms');
  });
  await submitEverywhere(everyone(cast), 'put', ['after the timeout', 'x']);
  await define(cast, 'stray', [one, two]);
  await reconfigure(cast, [adminOne, adminTwo], setStrictLifecycle);
  await submitEverywhere(everyone(cast), 'put', ['after the policy', 'x']);
  await define(cast, 'stray too', [one, two]);
  await define(cast, 'stray three', [one, two, three]);
}

/** A new definition of the chaincode, with another policy; what was endorsed under the old one conflicts with it. */
async function redefinition(cast: Cast): Promise<void> {
  const inFlight = await endorse(cast.one, 'put', ['in flight', 'x']);
  const request = new peer.lifecycle.QueryChaincodeDefinitionArgs();
  request.setName('conformance');
  const bytes = await cast.admins[0].network.getContract('_lifecycle').evaluate('QueryChaincodeDefinition', {
    arguments: [request.serializeBinary()],
    endorsingOrganizations: ['OneMSP'],
  });
  const committed = peer.lifecycle.QueryChaincodeDefinitionResult.deserializeBinary(bytes);
  await upgrade(cast.admins, committed.getCollections()!);
  await send(inFlight);
  const [one, two, three] = cast.peers;
  for (const endorsers of [
    [one, two],
    [one, three],
  ]) {
    const forged = forge(cast.channelId, cast.client, {
      namespaces: [writing('conformance', 'redefined')],
      actionChaincode: { name: 'conformance', version: '2.0.0' },
      endorsers,
    });
    await sendRaw(cast, forged.envelope, forged.transactionId);
  }
}

/** A last transaction, so that the block before it is known to be there; gives its block. */
async function last(cast: Cast): Promise<bigint> {
  const [one, , three] = cast.peers;
  const forged = forge(cast.channelId, cast.client, {
    namespaces: [writing('conformance', 'last')],
    endorsers: [one, three],
  });
  await sendRaw(cast, forged.envelope, forged.transactionId);
  return (await commitStatus(cast.one, forged.transactionId)).blockNumber;
}

/** Plays all scenes, in order; gives the number of the last block. */
export async function playScenes(cast: Cast): Promise<bigint> {
  const scenes = [
    conflicts,
    ranges,
    keys,
    privateData,
    duplicates,
    endorsements,
    forms,
    hidden,
    spentId,
    load,
    configurations,
    redefinition,
    revocation,
    membership,
  ];
  for (const scene of scenes) {
    await scene(cast);
  }
  return last(cast);
}
