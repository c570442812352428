import { CoalitionHour, coalitionHour } from './coalition-hour';
import type { CommittedRow } from './memory-ledger';

/**
 * What transactions have written that choose, call, verify, settle and pay a coalition whose members have traded the same hour, once with an
 * asset that drops out and readings that come late: the ledger that the audit of coalitions is tried on. `chaincode/scripts/record-coalition.js` keeps it in test/vectors.
 */
export async function recordCoalition(isAnswered: boolean): Promise<readonly (readonly CommittedRow[])[]> {
  const made = await CoalitionHour.chosen(isAnswered);
  const { firstSlot, one, two } = coalitionHour;
  await made.verify(one);
  await made.verify(two);
  await made.settle();
  await made.pay();
  if (!isAnswered) {
    await made.recordAnn(firstSlot + 3, { [one]: 1_600n, [two]: 1_600n });
    await made.verify(one, 'late');
    await made.verify(two, 'late');
    await made.remunerate('late');
  }
  return made.scene.vpp.ledger.history;
}
