import {
  exampleRuleSet,
  limits,
  microPerKwh,
  orderCommitment,
  orderContentCodec,
  participantEntryCodec,
  possessionCommand,
  requestDigestOf,
  signedCommandBytes,
  slot,
  w,
  wh,
  type CommandId,
  type JsonObject,
  type OrderContent,
  type OrderId,
  type SessionId,
} from '@flexledger/domain';
import {
  callers,
  channel,
  command,
  firstSlot,
  foundedLedger,
  idOf,
  MeterAgent,
  record,
  registerGrid,
  registerMeters,
  registerParticipants,
  Signer,
  tick,
} from './actors';
import type { CallOptions, CallOutcome, MemoryLedger } from './memory-ledger';

/** The slots of the scene's session: two hours that begin ten hours after the meters. */
export const scene = {
  sessionId: idOf<SessionId>('session'),
  gateCloseSlot: firstSlot + 20,
  publishDeadlineSlot: firstSlot + 30,
  sessionSlot: firstSlot + 40,
  intervals: 2,
  slots: 8,
  endSlot: firstSlot + 48,
} as const;

/** An order in short: side, interval, energy in Wh and limit in micro-units per kWh. */
export type ShortOrder = readonly ['buy' | 'sell', number, bigint, bigint];

/** The content of an order, with an id and a salt that follow from a name, and what else it says. */
export function contentOf(
  name: string,
  [side, interval, energyWh, limit]: ShortOrder,
  more: Pick<OrderContent, 'pairing' | 'expirySlot'> = {},
): OrderContent {
  return {
    ...more,
    orderId: idOf<OrderId>(`order ${name}`),
    salt: Buffer.from(idOf(`salt ${name}`)).toString('base64url'),
    side,
    interval,
    energyWh: wh(energyWh),
    limitPriceMicroPerKwh: microPerKwh(limit),
  };
}

/** Signs a request as its participant: everything but the signature. */
export function signed(
  signer: Signer,
  contract: 'market' | 'accounts' | 'flexibility' | 'vpp' | 'oracle',
  transaction: string,
  request: JsonObject & { readonly commandId: CommandId; readonly expirySlot: number },
): JsonObject {
  const { commandId, expirySlot } = request;
  const requestDigest = requestDigestOf(request);
  const bytes = signedCommandBytes({
    channel,
    commandId,
    contract,
    expirySlot: slot(expirySlot),
    requestDigest,
    transaction,
  });
  return { ...request, signature: signer.sign(bytes) };
}

/** Four participants with their meters and money on a founded ledger, for tests of market, accounts and oracle. */
export class MarketScene {
  public readonly supplier = new Signer();
  public readonly ann = new Signer();
  public readonly bob = new Signer();
  public readonly cyd = new Signer();
  public readonly meters = {
    ann: new MeterAgent('ann'),
    bob: new MeterAgent('bob'),
    cyd: new MeterAgent('cyd', { deviceType: 'pv' }),
  };

  private constructor(public readonly ledger: MemoryLedger) {}

  /**
   * A scene with everything up to the opened session, at its first slot of trading.
   *
   * @param prepare what else happens before the session is opened
   * @param grid what its grid says otherwise
   */
  public static async create(
    ruleSet: JsonObject = {},
    prepare: (ledger: MemoryLedger) => Promise<unknown> = () => Promise.resolve(),
    grid: JsonObject = {},
  ): Promise<MarketScene> {
    const made = new MarketScene(await foundedLedger());
    const { ann, bob, cyd, ledger, meters, supplier } = made;
    await registerGrid(ledger, grid);
    await registerParticipants(ledger, [ann, bob, cyd]);
    const commandId = command('supplier');
    const participants = [supplierEntry(supplier, commandId)];
    await ledger.submit(callers.market, 'registry:registerParticipants', { commandId, participants });
    await registerMeters(ledger, ann, [meters.ann]);
    await registerMeters(ledger, bob, [meters.bob]);
    await registerMeters(ledger, cyd, [meters.cyd]);
    await made.changeRules({ balancingParticipantId: supplier.participantId, ...ruleSet });
    await tick(ledger, firstSlot, firstSlot + 12);
    for (const signer of [ann, bob, cyd]) {
      await made.fund(signer, '200000000');
    }
    await made.fund(supplier, '9000000000');
    await prepare(ledger);
    await made.openSession();
    return made;
  }

  /** Puts another rule set into force. */
  public async changeRules(changes: JsonObject): Promise<void> {
    const { ledger } = this;
    const label = `rules ${JSON.stringify(changes)}`;
    const change = { kind: 'ruleSet', ruleSet: { ...exampleRuleSet, number: 2, ...changes } };
    const proposed = await ledger.submit(callers.regulator, 'registry:propose', {
      commandId: command(label),
      change,
    });
    const { proposalDigest = '', proposalId = '' } = proposed.response;
    for (const caller of [callers.tso, callers.market]) {
      const commandId = command(`${label} ${caller.mspId}`);
      await ledger.submit(caller, 'registry:approve', { commandId, proposalId, proposalDigest });
    }
  }

  /** Funds an account. */
  public async fund(signer: Signer, amountMicro: string, label = 'first'): Promise<JsonObject> {
    const commandId = command(`fund ${label} ${signer.participantId}`);
    const { participantId } = signer;
    const request = { commandId, participantId, amountMicro, reference: 'Bank transfer' };
    return (await this.ledger.submit(callers.market, 'accounts:fund', request)).response;
  }

  /** Opens the session of the scene. */
  public openSession(changes: JsonObject = {}): Promise<CallOutcome> {
    return this.ledger.submit(callers.market, 'market:openSession', {
      commandId: command(`open ${JSON.stringify(changes)}`),
      sessionId: scene.sessionId,
      kind: 'day-ahead',
      gridId: 'rural-1',
      firstSlot: scene.sessionSlot,
      intervals: scene.intervals,
      gateCloseSlot: scene.gateCloseSlot,
      publishDeadlineSlot: scene.publishDeadlineSlot,
      ...changes,
    });
  }

  /** The request of placeOrders for some orders, signed. */
  public placing(signer: Signer, contents: readonly OrderContent[], changes: JsonObject = {}): JsonObject {
    const { participantId } = signer;
    const sessionId = (changes.sessionId ?? scene.sessionId) as SessionId;
    const sealed = contents.map((content) => ({
      orderId: content.orderId,
      commitment: orderCommitment(sessionId, participantId, content),
    }));
    const request = {
      commandId: command(`place ${participantId}`),
      sessionId,
      participantId,
      expirySlot: scene.gateCloseSlot,
      collateralMicro: '100000000',
      sealed,
      ...changes,
    };
    return signed(signer, 'market', 'placeOrders', request);
  }

  /** Places orders through the organisation that carries them. */
  public place(
    signer: Signer,
    contents: readonly OrderContent[],
    changes: JsonObject = {},
    caller: (typeof callers)['community' | 'market'] = callers.community,
  ): Promise<CallOutcome> {
    const request = this.placing(signer, contents, changes);
    return this.ledger.submit(caller, 'market:placeOrders', request, { transient: transientOf(contents) });
  }

  /** Places orders in another session than the scene's. */
  public placeIn(
    sessionId: SessionId,
    signer: Signer,
    contents: readonly OrderContent[],
    collateralMicro = '100000000',
  ): Promise<CallOutcome> {
    const { participantId } = signer;
    const sealed = contents.map((content) => ({
      orderId: content.orderId,
      commitment: orderCommitment(sessionId, participantId, content),
    }));
    const commandId = command(`place ${participantId} in ${sessionId}`);
    return this.place(signer, contents, { commandId, sessionId, sealed, collateralMicro });
  }

  /** Lets the clock go on until a slot has begun. */
  public async tickTo(toSlot: number): Promise<void> {
    const { clock } = await this.ledger.evaluate(callers.tso, 'registry:getClock', {});
    const { lastSlot } = clock as { readonly lastSlot: number };
    for (let from = lastSlot + 1; from <= toSlot; from += limits.slotsPerTickMax) {
      await tick(this.ledger, from, Math.min(from + limits.slotsPerTickMax - 1, toSlot));
    }
  }

  /** Sends a transaction of the session that takes nothing but its id and some fields. */
  public step(
    transaction: 'closeSession' | 'publishOrders' | 'requestClearing' | 'clear' | 'applyClearing',
    fields: JsonObject = {},
    label = 'once',
  ): Promise<CallOutcome> {
    const commandId = command(`${transaction} ${label} ${JSON.stringify(fields)}`);
    const request = { commandId, sessionId: scene.sessionId, ...fields };
    return this.ledger.submit(callers.market, `market:${transaction}`, request);
  }

  /** Closes, publishes everything, clears and applies. */
  public async clearAll(contents: readonly OrderContent[]): Promise<JsonObject> {
    await this.tickTo(scene.gateCloseSlot);
    await this.step('closeSession');
    await this.step('publishOrders', { orderIds: contents.map((content) => content.orderId) });
    const { response } = await this.step('clear');
    for (let chunk = 0; chunk < Number(response.chunks); chunk += 1) {
      await this.step('applyClearing', { chunk });
    }
    return response;
  }

  /** The status of every order of the session, by its id. */
  public async statuses(): Promise<ReadonlyMap<string, JsonObject>> {
    const { sessionId } = scene;
    const { rows } = await this.ledger.evaluate(callers.market, 'market:listOrders', { sessionId });
    return new Map((rows as JsonObject[]).map((row) => [String(row.orderId), row.status as JsonObject]));
  }

  /** Records a meter's values from where its chain stands, one per quarter hour. */
  public async measure(
    agent: MeterAgent,
    importWh: readonly bigint[],
    exportWh: readonly bigint[] = importWh.map(() => 0n),
  ): Promise<void> {
    const block = agent.next(importWh, exportWh);
    await record(this.ledger, `${agent.meterId} ${block.sequence}`, [block]);
  }

  /** Settles slots of the session. */
  public settle(changes: JsonObject = {}, label = 'once'): Promise<CallOutcome> {
    const request = {
      commandId: command(`settle ${label} ${JSON.stringify(changes)}`),
      sessionId: scene.sessionId,
      fromSlot: scene.sessionSlot,
      intervals: 4,
      run: 1,
      bucket: 0,
      ...changes,
    };
    return this.ledger.submit(callers.market, 'accounts:settleInterval', request);
  }

  /** What a participant can dispose of. */
  public async available(signer: Signer): Promise<bigint> {
    const { participantId } = signer;
    const { availableMicro } = await this.ledger.evaluate(callers.market, 'accounts:getBalance', { participantId });
    return BigInt(String(availableMicro));
  }
}

/** Orders as they stand in the transient map of placeOrders. */
export function transientOf(contents: readonly OrderContent[]): NonNullable<CallOptions['transient']> {
  return { orders: { orders: contents.map((content) => orderContentCodec.encode(content)) } };
}

/** The registration of a supplier with a connection of 1 MW, with its proof of possession. */
export function supplierEntry(signer: Signer, commandId: CommandId): JsonObject {
  const entry = {
    publicKey: signer.publicKey,
    kind: 'supplier',
    custodial: false,
    connectionLimitW: w(1_000_000n),
    signature: '',
  } as const;
  const signature = signer.sign(signedCommandBytes(possessionCommand(entry, channel, commandId)));
  return participantEntryCodec.encode({ ...entry, signature }) as JsonObject;
}
