import {
  bandDirectionsOf,
  coalitionToRemunerate,
  contracts,
  countFailures,
  isPayable,
  paidOutOf,
  paymentEndSlot,
  postRemuneration,
  releasePayment,
  remunerate,
  sameRemuneration,
  servedSlices,
  vppRulesOf,
  type CoalitionKnown,
  type Remuneration,
  type ServedSlices,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { post } from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { settledDeliveryRows } from '../../store/accounts/coalition-correction-store';
import { lastRemuneration, remunerations } from '../../store/vpp/remuneration-store';
import { coalitions, loadMembers } from '../../store/vpp/formation-store';
import { operationPrefixes } from '../../store/vpp/operation-keys';
import { poolDeliveries } from '../../store/vpp/operation-store';
import { loadPrequalification, savePrequalification } from '../../store/vpp/service-store';
import { unlockPayment } from './buyers';
import { DeliveryContract } from './delivery';
import { loadCoalition, recordCoalition } from './formation';
import { takePrequalification } from './prequalification';

const specs = contracts.vpp;

/** The part of the contract `vpp` that moves money. */
export abstract class RemunerationContract extends DeliveryContract {
  /** Remunerates a coalition; what is paid already and would not differ is answered again. */
  @Transaction()
  @Returns('string')
  public async remunerate(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.remunerate, request, async ({ coalitionId }) => {
      const { rules, session } = context;
      const vppRules = vppRulesOf(rules.ruleSet);
      const coalition = await loadCoalition(context, coalitionId);
      const previous = await lastRemuneration(session, coalitionId);
      if (previous !== undefined && !isPayable(coalition)) {
        return previous;
      }
      const known: CoalitionKnown = {
        coalition,
        members: await loadMembers(session, coalitionId),
        deliveries: await poolDeliveries.list(session, operationPrefixes.deliveries(coalitionId)),
        settled: await settledDeliveryRows.list(session, operationPrefixes.settledDeliveries(coalitionId)),
        rules: vppRules,
        flexibilityTransferMicroPerKwh: rules.ruleSet.flexibility?.transferPriceMicroPerKwh ?? 0n,
        previous,
      };
      const remuneration = remunerate(coalitionToRemunerate(known), previous);
      if (previous !== undefined && sameRemuneration(previous, remuneration)) {
        return previous;
      }
      await pay(context, known, remuneration);
      await punish(context, known, servedSlices(known, remuneration.slices), vppRules.failuresMax);
      return remuneration;
    });
  }

  /** Gives back what is left of a payment. */
  @Transaction()
  @Returns('string')
  public async releaseServicePayment(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.releaseServicePayment, request, async ({ coalitionId }) => {
      const { session } = context;
      const before = await loadCoalition(context, coalitionId);
      const { amountMicro, coalition } = releasePayment(before, await hasBegun(session, paymentEndSlot(before)));
      await unlockPayment(context, coalition.buyer, amountMicro, 0n);
      coalitions.save(session, coalition, coalitionId);
      recordCoalition(context, 'ServicePaymentReleased', coalition, { amountMicro: amountMicro.toString() });
      return coalition;
    });
  }

  /** What a coalition was paid, or null. */
  @Transaction(false)
  @Returns('string')
  public async getRemuneration(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getRemuneration, request, async ({ coalitionId, version }) => {
      const { session } = context;
      const row =
        version === undefined
          ? await lastRemuneration(session, coalitionId)
          : await remunerations.load(session, coalitionId, version);
      return { remuneration: row ?? null };
    });
  }
}

/** Posts what a version moves, takes it out of what is locked, and keeps the rest for late readings. */
async function pay(
  context: GridContext,
  { coalition: before, previous }: CoalitionKnown,
  remuneration: Remuneration,
): Promise<void> {
  const { session } = context;
  const { coalitionId, paidMicro, penaltyMicro, version } = remuneration;
  const set = postRemuneration(remuneration, previous);
  const { coalition, takenMicro } = paidOutOf(before, set);
  await post(session, set);
  await unlockPayment(context, coalition.buyer, takenMicro, takenMicro);
  remunerations.save(session, remuneration, coalitionId, version);
  coalitions.save(session, coalition, coalitionId);
  recordCoalition(context, 'CoalitionRemunerated', coalition, {
    version,
    paidMicro: paidMicro.toString(),
    penaltyMicro: penaltyMicro.toString(),
  });
}

/** Counts failures in a row, over coalitions, and takes the prequalifications of those who have failed too often. */
async function punish(
  context: GridContext,
  known: CoalitionKnown,
  served: readonly ServedSlices[],
  failuresMax: number,
): Promise<void> {
  const { direction, kind } = known.coalition;
  for (const { slices, subjectId } of served) {
    for (const band of bandDirectionsOf(direction)) {
      const before = await loadPrequalification(context.session, subjectId, kind, band);
      const counted = countFailures(before, known, slices, failuresMax);
      if (counted.kind === 'lost') {
        await takePrequalification(context, subjectId, kind, band, 'Too many slices in a row were not delivered.');
      } else if (counted.kind === 'counted') {
        savePrequalification(context.session, counted.prequalification);
      }
    }
  }
}
