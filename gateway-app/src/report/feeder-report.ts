import { feederBalanceCodec } from '@flexledger/domain';
import type { StepValue } from '../roles/protocol';
import type { FeederReport } from './report-types';

/** Counts the quarter hours of a feeder by what they came to. */
export function feederReport(meterId: string, balances: readonly StepValue[]): FeederReport {
  const decoded = balances.map((balance) => feederBalanceCodec.decode(balance, ''));
  const count = (status: string): number => decoded.filter((balance) => balance.status === status).length;
  const balanced = decoded.filter(({ status }) => status === 'BALANCED');
  return {
    meterId,
    balanced: balanced.length,
    flagged: count('FLAGGED'),
    incomplete: count('INCOMPLETE'),
    unaccountedWh: balanced.reduce((sum, { unaccountedWh }) => sum + unaccountedWh, 0n).toString(),
    intoWh: balanced
      .reduce((sum, { feederImportWh, metersExportWh }) => sum + feederImportWh + metersExportWh, 0n)
      .toString(),
  };
}
