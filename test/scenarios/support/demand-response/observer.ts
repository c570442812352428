import { join } from 'node:path';
import {
  manifest,
  specByFunctionName,
  type ContractName,
  type EvaluateName,
  type JsonObject,
  type ResponseAt,
} from '@flexledger/domain';
import type { DayPlan } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, type Party } from '../../../faults/party';
import { traderOf } from '../../../faults/scene';

/** What an observer beside the peer of the system operator reads; everything that is written the role processes write. */
export class Observer {
  private constructor(
    private readonly plan: DayPlan,
    private readonly party: Party,
  ) {}

  static async open(handle: NetworkHandle, folder: string, plan: DayPlan): Promise<Observer> {
    const party = await openParty(handle, { organization: 'Dso', identity: 'dso' }, join(folder, 'observer'));
    return new Observer(plan, party);
  }

  close(): Promise<void> {
    return this.party.close();
  }

  /** The address of a participant of the plan, or of an aggregator. */
  idOf(label: string): string {
    return traderOf(this.plan.seed, label).key.address;
  }

  /** The label of a participant of the day. */
  labelOf(participantId: string): string {
    return this.plan.participants.find(({ label }) => this.idOf(label) === participantId)?.label ?? participantId;
  }

  async read<C extends ContractName, N extends EvaluateName<C>>(
    contract: C,
    transaction: N,
    fields: JsonObject,
  ): Promise<ResponseAt<C, N>> {
    const spec = specByFunctionName(manifest, `${contract}:${transaction}`);
    const decoded: unknown = spec.request.decode(fields, '');
    const { ledger } = this.party;
    const evaluate = ledger.evaluate.bind(ledger) as unknown as (
      ...values: readonly unknown[]
    ) => Promise<ResponseAt<C, N>>;
    return evaluate(contract, transaction, decoded);
  }
}
