import {
  correctedPosition,
  ispMoney,
  settleIsp,
  sum,
  transferMicro,
  type FlexDirection,
  type IspPrices,
} from '@flexledger/domain';
import { CliError } from '../cli-errors';
import { atLeast, fieldsOf, integerOf, listOf, parseFile, shown } from './file-fields';

/** One settlement period of the file; baseline, measurement and position are import less export, in Wh. */
interface FileIsp {
  readonly baselineWh: bigint;
  readonly orderedWh: bigint;
  readonly actualWh: bigint;
  /** What was bought less what was sold; undefined where no position is to be corrected. */
  readonly positionWh: bigint | undefined;
}

/** An order with its settlement periods, read and checked. */
export interface FlexibilitySettlementFile extends IspPrices {
  readonly direction: FlexDirection;
  readonly transferPriceMicroPerKwh: bigint | undefined;
  readonly isps: readonly FileIsp[];
}

/**
 * Reads the order of `flexledger rules settle-flexibility`. Integers stand as JSON numbers below 2^53 or as decimal strings.
 *
 * @throws CliError with a code beginning with RULES_, which says what is wrong and where
 */
export function readFlexibilitySettlement(text: string): FlexibilitySettlementFile {
  const names = ['direction', 'priceMicroPerKwh', 'penaltyMicroPerKwh', 'transferPriceMicroPerKwh', 'isps'];
  const order = fieldsOf(parseFile(text, 'the order'), 'the order', names);
  const { direction } = order;
  if (direction !== 'reduce' && direction !== 'increase') {
    throw new CliError('RULES_FIELD_INVALID', `direction is ${shown(direction)}; write "reduce" or "increase"`);
  }
  const transfer = order.transferPriceMicroPerKwh;
  return {
    direction,
    priceMicroPerKwh: atLeast(order.priceMicroPerKwh, 0n, 'priceMicroPerKwh'),
    penaltyMicroPerKwh: atLeast(order.penaltyMicroPerKwh, 0n, 'penaltyMicroPerKwh'),
    transferPriceMicroPerKwh: transfer === undefined ? undefined : atLeast(transfer, 0n, 'transferPriceMicroPerKwh'),
    isps: listOf(order.isps, 'isps').map((isp, index) => ispOf(isp, `isps[${index}]`)),
  };
}

/** What the order comes to, period by period and in total, as JSON can say it. */
export function settleFlexibilityFile(file: FlexibilitySettlementFile): object {
  const isps = file.isps.map((isp) => settledIsp(file, isp));
  const total = (field: 'deliveredWh' | 'deficiencyWh' | 'paidMicro' | 'penaltyMicro' | 'settlementMicro'): bigint =>
    sum(isps.map((isp) => isp[field]));
  return {
    direction: file.direction,
    isps,
    totals: {
      deliveredWh: total('deliveredWh'),
      deficiencyWh: total('deficiencyWh'),
      paidMicro: total('paidMicro'),
      penaltyMicro: total('penaltyMicro'),
      settlementMicro: total('settlementMicro'),
    },
  };
}

function settledIsp(file: FlexibilitySettlementFile, isp: FileIsp) {
  const outcome = settleIsp({ direction: file.direction, ...isp });
  const money = ispMoney(outcome, file);
  return {
    ...outcome,
    ...money,
    settlementMicro: money.paidMicro - money.penaltyMicro,
    ...correctionOf(file, isp, outcome.deliveredWh),
  };
}

/** The position without what was delivered, what is left as an imbalance, and what the transferred energy costs. */
function correctionOf(file: FlexibilitySettlementFile, { positionWh, actualWh }: FileIsp, deliveredWh: bigint): object {
  if (positionWh === undefined) return {};
  const correctedPositionWh = correctedPosition(file.direction, positionWh, deliveredWh);
  const { transferPriceMicroPerKwh: price } = file;
  return {
    correctedPositionWh,
    imbalanceWh: actualWh - correctedPositionWh,
    ...(price === undefined ? {} : { transferMicro: transferMicro(deliveredWh, price) }),
  };
}

function ispOf(value: unknown, place: string): FileIsp {
  const isp = fieldsOf(value, place, ['baselineWh', 'orderedWh', 'actualWh', 'positionWh']);
  return {
    baselineWh: wholeNumber(isp.baselineWh, `${place}.baselineWh`),
    orderedWh: atLeast(isp.orderedWh, 0n, `${place}.orderedWh`),
    actualWh: wholeNumber(isp.actualWh, `${place}.actualWh`),
    positionWh: isp.positionWh === undefined ? undefined : wholeNumber(isp.positionWh, `${place}.positionWh`),
  };
}

function wholeNumber(value: unknown, place: string): bigint {
  const number = integerOf(value);
  if (number !== undefined) return number;
  throw new CliError('RULES_FIELD_INVALID', `${place} is ${shown(value)}; write a whole number of Wh`);
}
