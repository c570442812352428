import { join } from 'node:path';
import {
  exampleFounding,
  exampleRuleSet,
  exampleVppRules,
  manifest,
  specByFunctionName,
  type CommandId,
  type ContractName,
  type EvaluateName,
  type JsonObject,
  type JsonValue,
  type ResponseAt,
  type SubmitName,
} from '@flexledger/domain';
import {
  auditChannel,
  deriveId,
  derivePrivateKey,
  participantEntry,
  signCommand,
  SigningKey,
  type ChannelAudit,
  type Submitted,
} from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, openPort, submitPlain, type Party, type PartyName } from '../../../faults/party';
import { OracleProcess } from '../oracle-process';

/** The roles that act, each with its own client at its own organisation. */
export type PoolRole = 'tso' | 'dso' | 'regulator' | 'aggregator' | 'community' | 'market';

const ROLES: Readonly<Record<PoolRole, PartyName>> = {
  tso: { organization: 'Tso', identity: 'tso' },
  dso: { organization: 'Dso', identity: 'dso' },
  regulator: { organization: 'Regulator', identity: 'regulator' },
  aggregator: { organization: 'Aggregator', identity: 'aggregator' },
  community: { organization: 'Community', identity: 'community' },
  market: { organization: 'Market', identity: 'market' },
};

const ENOUGH_SLOTS = 2 * 96;
const ANSWER_MS = 600_000;
const PAUSE_MS = 250;

/** So many commands are on their way at a time. */
const AT_ONCE = 20;

/** A command of a participant, as it is before it is signed. */
export interface Signed {
  readonly role: PoolRole;
  readonly who: string;
  readonly transaction: SubmitName<'vpp'>;
  readonly label: string;
  readonly fields: JsonObject;
}

/** A founded consortium with the organisations' clients, the keys of participants, the ledger clock and an oracle process. */
export class PoolWorld {
  #oracle: OracleProcess | undefined;
  #clockSlot: number;
  readonly #counts = { submitted: 0 };

  private constructor(
    readonly handle: NetworkHandle,
    private readonly folder: string,
    private readonly topologyFile: string,
    readonly seed: string,
    private readonly parties: Readonly<Record<PoolRole, Party>>,
    firstSlot: number,
  ) {
    this.#clockSlot = firstSlot - 1;
  }

  /** Founds the consortium with rules of virtual power plants; its clock begins with `firstSlot`. */
  static async found(
    handle: NetworkHandle,
    folder: string,
    topologyFile: string,
    seed: string,
    firstSlot: number,
  ): Promise<PoolWorld> {
    const names = Object.entries(ROLES) as [PoolRole, PartyName][];
    const opened = await Promise.all(
      names.map(async ([role, name]) => [role, await openParty(handle, name, join(folder, 'clients', role))] as const),
    );
    const parties = Object.fromEntries(opened) as Record<PoolRole, Party>;
    const world = new PoolWorld(handle, folder, topologyFile, seed, parties, firstSlot);
    const ruleSet = { ...exampleRuleSet, commitments: true, vpp: { ...exampleVppRules, operatorSharePpm: '100000' } };
    const founding = { ...exampleFounding, ruleSet } as unknown as JsonObject;
    const { proposalDigest, proposalId } = await world.submit('regulator', 'registry', 'bootstrap', 'once', founding);
    for (const role of ['tso', 'community'] as const) {
      await world.submit(role, 'registry', 'approve', role, { proposalId, proposalDigest });
    }
    await world.tickTo(firstSlot);
    return world;
  }

  /** Starts the oracle as its own process. */
  async startOracle(): Promise<void> {
    const { folder, handle, topologyFile } = this;
    this.#oracle = new OracleProcess({ folder, topologyFile, cryptoDirectory: handle.cryptoDirectory }, 'Dso');
    await this.#oracle.start();
  }

  async close(): Promise<void> {
    await this.#oracle?.end('SIGTERM');
    await Promise.all(Object.values(this.parties).map((party) => party.close()));
  }

  /** Transactions that this world has sent, without those of the oracle. */
  get submitted(): number {
    return this.#counts.submitted;
  }

  get clockSlot(): number {
    return this.#clockSlot;
  }

  /** Lets the ledger's clock go on until a slot has begun. */
  async tickTo(toSlot: number): Promise<void> {
    if (toSlot <= this.#clockSlot) return;
    await this.submit('tso', 'registry', 'tick', `${toSlot}`, { fromSlot: this.#clockSlot + 1, toSlot });
    this.#clockSlot = toSlot;
  }

  key(label: string): SigningKey {
    return new SigningKey(derivePrivateKey(this.seed, `participant-key/${label}`));
  }

  idOf(label: string): string {
    return this.key(label).address;
  }

  /** Registers participants of one kind in one command. */
  async registerParticipants(
    role: PoolRole,
    kind: 'prosumer' | 'supplier' | 'aggregator',
    owners: ReadonlyMap<string, bigint>,
  ): Promise<void> {
    const label = `participants/${[...owners.keys()].join()}`;
    const commandId = this.commandId('registerParticipants', label) as CommandId;
    const participants = [...owners].map(([name, connectionLimitW]) =>
      participantEntry({ channel: this.handle.channelName, key: this.key(name) }, commandId, {
        kind,
        custodial: false,
        connectionLimitW,
      }),
    );
    await this.submit(role, 'registry', 'registerParticipants', label, { participants });
  }

  /** Sends a command that nobody signs, and waits until every organisation's peer has it. */
  async submit<C extends ContractName, N extends SubmitName<C>>(
    role: PoolRole,
    contract: C,
    transaction: N,
    label: string,
    fields: JsonObject,
    confidential?: JsonValue,
  ): Promise<ResponseAt<C, N>> {
    const commandId = this.commandId(transaction, label);
    const sent = await this.put(role, contract, transaction, { commandId, ...fields }, confidential);
    await this.awaitEverywhere(sent.transactionId);
    return sent.response;
  }

  /** Sends a command of the contract `vpp` that a participant has signed. */
  async sign<N extends SubmitName<'vpp'>>(
    role: PoolRole,
    who: string,
    transaction: N,
    label: string,
    fields: JsonObject,
    confidential?: JsonValue,
  ): Promise<ResponseAt<'vpp', N>> {
    const request = this.signed({ who, transaction, label, fields });
    const sent = await this.put(role, 'vpp', transaction, request, confidential);
    await this.awaitEverywhere(sent.transactionId);
    return sent.response;
  }

  /** Sends many signed commands that do not depend on each other, some at a time. */
  async signAll(commands: readonly Signed[]): Promise<void> {
    let last: Submitted<unknown> | undefined;
    const waiting = [...commands];
    const work = async (): Promise<void> => {
      for (let command = waiting.shift(); command !== undefined; command = waiting.shift()) {
        const sent = await this.put(command.role, 'vpp', command.transaction, this.signed(command));
        if (last === undefined || sent.blockNumber > last.blockNumber) last = sent;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (last !== undefined) await this.awaitEverywhere(last.transactionId);
  }

  /** Reads beside the peer of the system operator. */
  async read<C extends ContractName, N extends EvaluateName<C>>(
    contract: C,
    transaction: N,
    fields: JsonObject,
  ): Promise<ResponseAt<C, N>> {
    const spec = specByFunctionName(manifest, `${contract}:${transaction}`);
    const decoded: unknown = spec.request.decode(fields, '');
    const { ledger } = this.parties.tso;
    const evaluate = ledger.evaluate.bind(ledger) as unknown as (
      ...values: readonly unknown[]
    ) => Promise<ResponseAt<C, N>>;
    return evaluate(contract, transaction, decoded);
  }

  /** Asks until something is there. */
  async until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    const begin = performance.now();
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (performance.now() - begin > ANSWER_MS) throw new Error(`${what}: not within ${ANSWER_MS / 1_000} s`);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** The audit of all blocks, by the Regulator's own peer. */
  async audit(): Promise<ChannelAudit> {
    const port = openPort(this.handle, { organization: 'Regulator', identity: 'regulator' }, 'Regulator', 0);
    const blocks = Object.values(this.parties).map(({ ledger }) => ledger.counters.lastBlock);
    const lastBlock = blocks.reduce((highest, block) => (block > highest ? block : highest));
    return auditChannel(port, lastBlock).finally(() => port.close());
  }

  /** A command as its participant has signed it; others may carry it. */
  signed({ fields, label, transaction, who }: Omit<Signed, 'role'>): JsonObject {
    const key = this.key(who);
    const unsigned = {
      commandId: this.commandId(transaction, `${who}/${label}`),
      participantId: key.address,
      expirySlot: this.#clockSlot + ENOUGH_SLOTS,
      ...fields,
    };
    return signCommand({ channel: this.handle.channelName, key }, 'vpp', transaction, unsigned);
  }

  private commandId(transaction: string, label: string): string {
    return deriveId(this.seed, `command/${transaction}/${label}`);
  }

  private async put<C extends ContractName, N extends SubmitName<C>>(
    role: PoolRole,
    contract: C,
    transaction: N,
    request: JsonObject,
    confidential?: JsonValue,
  ): Promise<Submitted<ResponseAt<C, N>>> {
    this.#counts.submitted += 1;
    const more = confidential === undefined ? {} : { confidential };
    return submitPlain(this.parties[role], contract, transaction, request, more);
  }

  private async awaitEverywhere(transactionId: string): Promise<void> {
    await Promise.all(Object.values(this.parties).map(({ ledger }) => ledger.awaitTransaction(transactionId)));
  }
}
