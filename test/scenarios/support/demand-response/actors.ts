import { join } from 'node:path';
import {
  manifest,
  specByFunctionName,
  type ContractName,
  type EvaluateName,
  type JsonObject,
  type ResponseAt,
  type SubmitName,
} from '@flexledger/domain';
import { deriveId, signCommand, type DayPlan } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, submitPlain, type Party, type PartyName } from '../../../faults/party';
import { registerTraders, traderOf, type Trader } from '../../../faults/scene';

/** Who acts beside the role processes of the day: gateways of their organisations. */
export type ActorRole = 'aggregator' | 'community' | 'dso' | 'market';

const ROLES: Readonly<Record<ActorRole, PartyName>> = {
  aggregator: { organization: 'Aggregator', identity: 'aggregator' },
  community: { organization: 'Community', identity: 'community' },
  dso: { organization: 'Dso', identity: 'dso' },
  market: { organization: 'Market', identity: 'market' },
};

/** Participants of demand response with their keys, each behind the gateway that carries its commands. */
export class Actors {
  private constructor(
    private readonly handle: NetworkHandle,
    private readonly plan: DayPlan,
    private readonly parties: Readonly<Record<ActorRole, Party>>,
  ) {}

  static async open(handle: NetworkHandle, folder: string, plan: DayPlan): Promise<Actors> {
    const names = Object.entries(ROLES) as [ActorRole, PartyName][];
    const opened = await Promise.all(
      names.map(async ([role, name]) => [role, await openParty(handle, name, join(folder, role))] as const),
    );
    return new Actors(handle, plan, Object.fromEntries(opened) as Record<ActorRole, Party>);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.parties).map((party) => party.close()));
  }

  /** The highest block that the gateways have seen. */
  get lastBlock(): number {
    return Math.max(...Object.values(this.parties).map(({ ledger }) => Number(ledger.counters.lastBlock)));
  }

  trader(label: string): Trader {
    return traderOf(this.plan.seed, label);
  }

  idOf(label: string): string {
    return this.trader(label).key.address;
  }

  async registerAggregators(labels: readonly string[]): Promise<void> {
    const traders = labels.map((label) => ({ ...this.trader(label), kind: 'aggregator' as const }));
    const { channelName } = this.handle;
    const { transactionId } = await registerTraders(
      this.parties.aggregator,
      channelName,
      this.plan.seed,
      'aggregators',
      traders,
    );
    await this.awaitEverywhere(transactionId);
  }

  /** Sends a command that nobody signs. */
  async submit<C extends ContractName, N extends SubmitName<C>>(
    role: ActorRole,
    contract: C,
    transaction: N,
    label: string,
    fields: JsonObject,
  ): Promise<ResponseAt<C, N>> {
    const commandId = deriveId(this.plan.seed, `actor/${transaction}/${label}`);
    return this.put(role, contract, transaction, { commandId, ...fields });
  }

  /** Sends a command of the contract `flexibility` that a participant has signed. */
  async sign<N extends SubmitName<'flexibility'>>(
    role: ActorRole,
    who: string,
    transaction: N,
    label: string,
    fields: JsonObject,
  ): Promise<ResponseAt<'flexibility', N>> {
    const { key } = this.trader(who);
    const unsigned = {
      commandId: deriveId(this.plan.seed, `actor/${transaction}/${who}/${label}`),
      participantId: key.address,
      expirySlot: this.plan.deliverySlot + 95,
      ...fields,
    };
    const signer = { channel: this.handle.channelName, key };
    return this.put(role, 'flexibility', transaction, signCommand(signer, 'flexibility', transaction, unsigned));
  }

  /** Reads beside the peer of the system operator. */
  async read<C extends ContractName, N extends EvaluateName<C>>(
    contract: C,
    transaction: N,
    fields: JsonObject,
  ): Promise<ResponseAt<C, N>> {
    const spec = specByFunctionName(manifest, `${contract}:${transaction}`);
    const decoded: unknown = spec.request.decode(fields, '');
    const { ledger } = this.parties.dso;
    const evaluate = ledger.evaluate.bind(ledger) as unknown as (
      ...values: readonly unknown[]
    ) => Promise<ResponseAt<C, N>>;
    return evaluate(contract, transaction, decoded);
  }

  private async put<C extends ContractName, N extends SubmitName<C>>(
    role: ActorRole,
    contract: C,
    transaction: N,
    request: JsonObject,
  ): Promise<ResponseAt<C, N>> {
    const { response, transactionId } = await submitPlain(this.parties[role], contract, transaction, request);
    await this.awaitEverywhere(transactionId);
    return response;
  }

  private async awaitEverywhere(transactionId: string): Promise<void> {
    await Promise.all(Object.values(this.parties).map(({ ledger }) => ledger.awaitTransaction(transactionId)));
  }
}
