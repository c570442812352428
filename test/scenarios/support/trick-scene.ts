import { join } from 'node:path';
import {
  canonicalJson,
  exampleGrid,
  exampleRuleSet,
  microPerKwh,
  orderCommitment,
  orderContentCodec,
  requestDigestOf,
  signedCommandBytes,
  slot,
  wh,
  type CommandId,
  type ContractName,
  type JsonObject,
  type JsonValue,
  type OrderContent,
  type OrderId,
  type ResponseAt,
  type SessionId,
  type SubmitName,
} from '@flexledger/domain';
import { deriveBytes, deriveId, GatewayFailure, RuleRejected, type Submitted } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { askPeer, signCall } from '../../faults/direct-peer';
import { submitPlain, type Party } from '../../faults/party';
import {
  closeScene,
  commandIdOf,
  prepareScene,
  registerTraders,
  traderOf,
  type RoleName,
  type Scene,
  type Trader,
} from '../../faults/scene';

/** An order in short: side, interval, energy in Wh and limit in micro-units per kWh. */
export type ShortOrder = readonly ['buy' | 'sell', number, bigint, bigint];

/** The slots of a session. */
export interface SessionPlan {
  readonly sessionId: SessionId;
  readonly gateCloseSlot: number;
  readonly publishDeadlineSlot: number;
  readonly firstSlot: number;
}

const fundMicro = '1000000000';
/**
 * Prices begin above zero and energy above one Wh, so that an order below them is refused; members may not have the whole of their connection in
 * one interval; sellers reserve in the book of commitments; there are intraday sessions over the same hours.
 */
const rules = {
  priceFloorMicroPerKwh: '1000',
  quantityMinWh: '10',
  memberLimits: { positionWhMax: '3800', exposureMicroMax: '200000000' },
  commitments: true,
  products: [
    { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 25 },
    { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
  ],
};

/**
 * A founded network with a session in which participants trade, and whatever one of them tries. Everything goes through the market's gateway; what a
 * typed client would not send is sent all the same.
 */
export class TrickScene {
  private constructor(
    private readonly handle: NetworkHandle,
    private readonly scene: Scene,
    private readonly seed: string,
    private clockSlot: number,
  ) {}

  /** @param changes what the rule set says beside the rules of the tricks */
  public static async create(
    handle: NetworkHandle,
    folder: string,
    seed: string,
    changes: JsonObject = {},
  ): Promise<TrickScene> {
    const scene = await prepareScene(handle, join(folder, 'clients'), seed);
    const made = new TrickScene(handle, scene, seed, scene.firstSlot + scene.blocks);
    await made.changeRules({ ...exampleRuleSet, ...rules, ...changes, number: 2 });
    return made;
  }

  public async close(): Promise<void> {
    await closeScene(this.scene);
  }

  public party(role: RoleName): Party {
    return this.scene.parties[role];
  }

  public trader(label: string): Trader {
    return traderOf(this.seed, label);
  }

  /** A session of two hours that takes orders from now on; its gate closes two hours after the ledger's clock at most. */
  public planSession(label: string, later = 0): SessionPlan {
    const gateCloseSlot = this.clockSlot - (this.clockSlot % 4) + 8 + later;
    return {
      sessionId: deriveId(this.seed, `session/${label}`) as SessionId,
      gateCloseSlot,
      publishDeadlineSlot: gateCloseSlot + 4,
      firstSlot: gateCloseSlot + 8,
    };
  }

  public async openSession(
    label: string,
    plan: SessionPlan,
    kind: 'day-ahead' | 'intraday' = 'day-ahead',
    intervals = 2,
  ): Promise<void> {
    await this.submit('market', 'market', 'openSession', `open ${label}`, {
      ...plan,
      kind,
      gridId: exampleGrid.gridId,
      intervals,
    });
  }

  /** Registers participants and pays in for them; the community registers prosumers, the market suppliers. */
  public async admit(labels: readonly string[], kind: 'prosumer' | 'supplier' = 'prosumer'): Promise<void> {
    const traders = labels.map((label) => ({ ...this.trader(label), kind }));
    const { transactionId } = await registerTraders(
      this.party(kind === 'prosumer' ? 'community' : 'market'),
      this.handle.channelName,
      this.seed,
      labels.join(),
      traders,
    );
    await this.awaitEverywhere(transactionId);
    for (const label of labels) await this.fund(label, 'first', fundMicro);
  }

  /** The system operator suspends a participant, or readmits it. */
  public async setStanding(label: string, transaction: 'suspendParticipant' | 'readmitParticipant'): Promise<void> {
    const participantId = this.trader(label).key.address;
    const request = { participantId, reason: 'Meter seal broken' };
    await this.submit('dso', 'registry', transaction, `${transaction} ${label}`, request);
  }

  public async fund(label: string, occasion: string, amountMicro: string): Promise<void> {
    const participantId = this.trader(label).key.address;
    const request = { participantId, amountMicro, reference: 'Bank transfer' };
    await this.submit('market', 'accounts', 'fund', `fund ${label} ${occasion}`, request);
  }

  /** Lets the ledger's clock go on until a slot has begun. */
  public async tickTo(toSlot: number): Promise<void> {
    if (toSlot <= this.clockSlot) return;
    await this.submit('tso', 'registry', 'tick', `tick ${toSlot}`, { fromSlot: this.clockSlot + 1, toSlot });
    this.clockSlot = toSlot;
  }

  /** The content of an order; id and salt follow from its name. */
  public content(name: string, [side, interval, energyWh, limit]: ShortOrder): OrderContent {
    return {
      orderId: deriveId(this.seed, `order/${name}`) as OrderId,
      salt: deriveBytes(this.seed, `salt/${name}`, 16).toString('base64url'),
      side,
      interval,
      energyWh: wh(energyWh),
      limitPriceMicroPerKwh: microPerKwh(limit),
    };
  }

  /** The signed request of market:placeOrders in its JSON form; `changes` are made before the signature, `after` behind it. */
  public placing(
    label: string,
    plan: SessionPlan,
    contents: readonly OrderContent[],
    changes: JsonObject = {},
    after: JsonObject = {},
  ): JsonObject {
    const { key } = this.trader(label);
    const participantId = key.address;
    const sealed = contents.map((content) => ({
      orderId: content.orderId,
      commitment: orderCommitment(plan.sessionId, participantId, content),
    }));
    const commandId = commandIdOf(this.seed, `place ${label} ${contents.map(({ orderId }) => orderId).join()}`);
    const expirySlot = plan.gateCloseSlot + 96;
    const common = { commandId, sessionId: plan.sessionId, participantId, expirySlot };
    return {
      ...this.signed(label, 'placeOrders', { ...common, collateralMicro: '100000000', sealed, ...changes }),
      ...after,
    };
  }

  /** Signs a request of the market as its participant. */
  public signed(label: string, transaction: string, request: JsonObject): JsonObject {
    const bytes = signedCommandBytes({
      channel: this.handle.channelName,
      commandId: request.commandId as CommandId,
      contract: 'market',
      transaction,
      expirySlot: slot(Number(request.expirySlot)),
      requestDigest: requestDigestOf(request),
    });
    return { ...request, signature: this.trader(label).key.sign(bytes) };
  }

  /** Sends orders through a gateway, the market's unless another is named. */
  public async send(
    request: JsonObject,
    contents: readonly OrderContent[],
    carrier: RoleName = 'market',
  ): Promise<void> {
    await this.put(carrier, 'market', 'placeOrders', request, confidentialOf(contents));
  }

  /** What the gateway answers to orders that a typed client would not even send: the code of the refusal. */
  public async sendOdd(
    request: JsonObject,
    contents: readonly OrderContent[],
    changes: JsonObject = {},
  ): Promise<string> {
    const orders = contents.map((order) => ({ ...(orderContentCodec.encode(order) as JsonObject), ...changes }));
    const transient = { orders: canonicalJson({ orders }) };
    try {
      await this.party('market').port.endorse({
        transaction: 'market:placeOrders',
        argument: canonicalJson(request),
        transient,
      });
      return 'accepted';
    } catch (error) {
      if (!(error instanceof GatewayFailure)) throw error;
      const said = [error.summary, ...error.details.map(({ message }) => message)].join(' ');
      return /\b[A-Z]+(_[A-Z]+)+(?=: )/.exec(said)?.[0] ?? said;
    }
  }

  public async place(
    label: string,
    plan: SessionPlan,
    contents: readonly OrderContent[],
    changes: JsonObject = {},
    carrier: RoleName = 'market',
  ): Promise<void> {
    await this.send(this.placing(label, plan, contents, changes), contents, carrier);
  }

  /** A withdrawal that `signer` signs for the orders of `owner`; the signature is good for a day behind the gate. */
  public async withdraw(signer: string, plan: SessionPlan, orderIds: readonly string[], owner = signer): Promise<void> {
    const commandId = commandIdOf(this.seed, `withdraw ${signer} ${owner} ${orderIds.join()}`);
    const participantId = this.trader(owner).key.address;
    const request = {
      commandId,
      sessionId: plan.sessionId,
      participantId,
      expirySlot: plan.gateCloseSlot + 96,
      orderIds,
    };
    await this.put('market', 'market', 'withdrawOrders', this.signed(signer, 'withdrawOrders', request as JsonObject));
  }

  /** A step of the session: `closeSession`, `publishOrders`, `requestClearing`, `clear` or `applyClearing`. */
  public async step(
    transaction: 'closeSession' | 'publishOrders' | 'requestClearing' | 'clear' | 'applyClearing',
    plan: SessionPlan,
    fields: JsonObject = {},
    role: RoleName = 'market',
  ): Promise<JsonObject> {
    const label = `${transaction} ${plan.sessionId} ${role} ${JSON.stringify(fields)}`;
    return this.submit(role, 'market', transaction, label, { sessionId: plan.sessionId, ...fields });
  }

  /** What a peer of each authority says to a bid whose transaction claims another time; past every gateway. */
  public async placeAtTime(
    label: string,
    plan: SessionPlan,
    contents: readonly OrderContent[],
    timeMs: number,
  ): Promise<readonly string[]> {
    const request = this.placing(label, plan, contents);
    const extras = { timeMs, transient: { orders: Buffer.from(canonicalJson(confidentialOf(contents))) } };
    const who = { organization: 'Market', identity: 'market' };
    const call = await signCall(this.handle, who, 'market:placeOrders', request, extras);
    const answers = ['Tso', 'Dso', 'Regulator'].map((organization) =>
      askPeer(this.handle, organization, 0, call, 60_000),
    );
    return (await Promise.all(answers)).map(({ message, status }) => `${status} ${message.split(':')[0]}`);
  }

  /** Everything of a session and of some participants that a trick could change. */
  public async snapshot(plan: SessionPlan, labels: readonly string[]): Promise<unknown> {
    const { ledger } = this.party('market');
    const { sessionId } = plan;
    const session = await ledger.evaluate('market', 'getSession', { sessionId });
    const orders = await ledger.evaluate('market', 'listOrders', { sessionId });
    const { clearing } = await ledger.evaluate('market', 'getClearing', { sessionId });
    const { rows: trades } = await ledger.evaluate('market', 'listTrades', { sessionId });
    const balances = await Promise.all(
      labels.map((label) =>
        ledger.evaluate('accounts', 'getBalance', { participantId: this.trader(label).key.address }),
      ),
    );
    return {
      session,
      orders: orders.rows,
      clearing,
      trades,
      balances: balances.map(({ availableMicro }) => availableMicro),
    };
  }

  /** Sends a command that follows from its label, and waits until every party's peer has it. */
  public async submit<C extends ContractName, N extends SubmitName<C>>(
    role: RoleName,
    contract: C,
    transaction: N,
    label: string,
    request: JsonObject,
    confidential?: JsonValue,
  ): Promise<JsonObject & ResponseAt<C, N>> {
    const commandId = commandIdOf(this.seed, label);
    const { response } = await this.put(role, contract, transaction, { commandId, ...request }, confidential);
    return response as JsonObject & ResponseAt<C, N>;
  }

  private async put<C extends ContractName, N extends SubmitName<C>>(
    role: RoleName,
    contract: C,
    transaction: N,
    request: JsonObject,
    confidential?: JsonValue,
  ): Promise<Submitted<ResponseAt<C, N>>> {
    const more = confidential === undefined ? {} : { confidential };
    const submitted = await submitPlain(this.party(role), contract, transaction, request, more);
    await this.awaitEverywhere(submitted.transactionId);
    return submitted;
  }

  private async awaitEverywhere(transactionId: string): Promise<void> {
    await Promise.all(Object.values(this.scene.parties).map(({ ledger }) => ledger.awaitTransaction(transactionId)));
  }

  private async changeRules(ruleSet: JsonObject): Promise<void> {
    const change = { kind: 'ruleSet', ruleSet };
    const { proposalDigest, proposalId } = await this.submit('regulator', 'registry', 'propose', 'rules', { change });
    for (const role of ['tso', 'market'] as const) {
      await this.submit(role, 'registry', 'approve', `rules ${role}`, { proposalId, proposalDigest });
    }
  }
}

/** Orders as they stand in the transient map. */
function confidentialOf(contents: readonly OrderContent[]): JsonObject {
  return { orders: contents.map((content) => orderContentCodec.encode(content)) };
}

/** The code with which a rule refuses some work; `accepted` where none does. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    if (error instanceof RuleRejected) return error.code;
    throw error;
  }
}
