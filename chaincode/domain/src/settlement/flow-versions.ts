import { apportion, greatest, least, sum } from '../math';
import { micro, type Micro } from '../units';
import { joinEntries, move } from './post';
import type { Account, Entry } from './rows';

/** Money that goes from one account to another for a reason, over all versions of a settlement. */
export interface Flow<Reason extends Entry['reason'] = Entry['reason']> {
  readonly debit: Account;
  readonly credit: Account;
  readonly reason: Reason;
  readonly amountMicro: Micro;
}

/** What the flows of a version are, and what they leave unpaid. */
export interface PostedFlows<Reason extends Entry['reason']> {
  readonly posted: readonly Flow<Reason>[];
  readonly overpaidMicro: bigint;
  readonly unpaidMicro: bigint;
}

/** Who stands between the payer and those who are paid, and what it has set aside. */
export interface FlowParties {
  readonly payer: Account;
  readonly carrier: Account;
  readonly carrierCoverMicro: bigint;
}

function flowId({ credit, debit, reason }: Flow): string {
  return `${debit} ${credit} ${reason}`;
}

/** The entries that a version posts: what its flows move beside those of the version before it. */
export function entriesBetween(flows: readonly Flow[], previous: readonly Flow[] = []): readonly Entry[] {
  const before = new Map(previous.map((flow) => [flowId(flow), flow.amountMicro]));
  const entries = flows.flatMap((flow) => {
    const differenceMicro = flow.amountMicro - (before.get(flowId(flow)) ?? 0n);
    return differenceMicro < 0n
      ? move(flow.credit, flow.debit, -differenceMicro, flow.reason)
      : move(flow.debit, flow.credit, differenceMicro, flow.reason);
  });
  return joinEntries(entries);
}

/**
 * The flows of a version after another one. What went to a participant stays with it, for it may have been spent: the difference is
 * overpaid. What went back to the payer is returned by it. The carrier, an aggregator, pays no more than the version brings it and what it
 * has set aside, in proportion.
 */
export function afterVersion<Reason extends Entry['reason']>(
  flows: readonly Flow<Reason>[],
  previous: readonly Flow<Reason>[] = [],
  { carrier, carrierCoverMicro, payer }: FlowParties,
): PostedFlows<Reason> {
  const before = new Map(previous.map((flow) => [flowId(flow), flow]));
  const wanted = new Map(flows.map((flow) => [flowId(flow), flow]));
  const changes = [...new Map([...before, ...wanted])].map(([id, flow]) => {
    const beforeMicro = before.get(id)?.amountMicro ?? 0n;
    const differenceMicro = (wanted.get(id)?.amountMicro ?? 0n) - beforeMicro;
    const isKept = differenceMicro < 0n && flow.credit !== payer;
    return {
      id,
      flow,
      beforeMicro,
      overpaidMicro: isKept ? -differenceMicro : 0n,
      moreMicro: isKept ? 0n : differenceMicro,
    };
  });
  const outgoing = changes.filter(({ flow, moreMicro }) => flow.debit === carrier && moreMicro > 0n);
  const incomingMicro = sum(
    changes.map(({ flow, moreMicro }) => (flow.debit === carrier ? greatest(-moreMicro, 0n) : moreMicro)),
  );
  const outgoingMicro = sum(outgoing.map(({ moreMicro }) => moreMicro));
  const availableMicro = least(incomingMicro + carrierCoverMicro, outgoingMicro);
  const parts = apportion(
    availableMicro,
    outgoing.map(({ id, moreMicro }) => ({ id, weight: moreMicro })),
  );
  const paid = new Map(outgoing.map(({ id }, index) => [id, parts[index] ?? 0n]));
  return {
    posted: changes.map(({ beforeMicro, flow, id, moreMicro }) => ({
      ...flow,
      amountMicro: micro(beforeMicro + (paid.get(id) ?? moreMicro)),
    })),
    overpaidMicro: sum(changes.map((change) => change.overpaidMicro)),
    unpaidMicro: outgoingMicro - availableMicro,
  };
}
